package store

import "github.com/perene/perene/models"

// The words that store and activities share live in models; these are their names here.
//
//nolint:revive // models documents each
type (
	StepResult          = models.StepResult
	StepSnapshot        = models.StepSnapshot
	RunMail             = models.RunMail
	StepDecision        = models.StepDecision
	StepSend            = models.StepSend
	StepCall            = models.StepCall
	StepLine            = models.StepLine
	StepField           = models.StepField
	StepNote            = models.StepNote
	StepTicket          = models.StepTicket
	StepTransfer        = models.StepTransfer
	FlowEnv             = models.FlowEnv
	CustomField         = models.CustomField
	WindowView          = models.WindowView
	InboundDelivery     = models.InboundDelivery
	InboundElement      = models.InboundElement
	PersonHint          = models.PersonHint
	InboundMessage      = models.InboundMessage
	InboundMedia        = models.InboundMedia
	StatusUpdate        = models.StatusUpdate
	IdentityChange      = models.IdentityChange
	MarketingPreference = models.MarketingPreference
	TemplateChange      = models.TemplateChange
	NumberChange        = models.NumberChange
	Wake                = models.Wake
	StartQuestion       = models.StartQuestion
	PublishedFlow       = models.PublishedFlow
	StartAnswer         = models.StartAnswer
	FlowChooser         = models.FlowChooser
)
