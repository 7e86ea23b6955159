package models

// Answers tells whether content of this kind counts as something the contact said to us: it may start a flow, answer one,
// and start the no-reply counter. Reactions, edits, deletions and calls do not (rules 110, 111, Z17).
func (k ContentKind) Answers() bool {
	switch k {
	case ContentKindReaction, ContentKindEdit, ContentKindDeleted, ContentKindCall, ContentKindCallPermissionReply, ContentKindSystemNote,
		ContentKindMediaPlaceholder:
		return false
	}
	return true
}

// Says tells whether content of this kind is an act of its writer towards us: it opens the window and counts as their last
// word. Notes of the provider, and changes to what was said before, do not.
func (k ContentKind) Says() bool {
	switch k {
	case ContentKindEdit, ContentKindDeleted, ContentKindSystemNote, ContentKindMediaPlaceholder:
		return false
	}
	return true
}
