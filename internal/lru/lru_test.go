package lru

import "testing"

// TestCacheForgetsWhatWasUsedLongestAgo: by weight, and never the newest.
func TestCacheForgetsWhatWasUsedLongestAgo(t *testing.T) {
	t.Parallel()
	c := New[string, int](10)
	c.Put("a", 1, 4)
	c.Put("b", 2, 4)
	if _, ok := c.Get("a"); !ok {
		t.Fatal("a was forgotten while there was room")
	}
	c.Put("c", 3, 4) // 12: b was used longest ago
	for key, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if _, ok := c.Get(key); ok != want {
			t.Errorf("%s: remembered %v, want %v", key, ok, want)
		}
	}
	c.Put("a", 9, 6) // again, with another weight
	if v, ok := c.Get("a"); !ok || v != 9 || c.weight != 10 || c.Len() != 2 {
		t.Errorf("a is %d (%v), %d of weight in %d", v, ok, c.weight, c.Len())
	}
	c.Put("huge", 0, 11)
	if _, ok := c.Get("huge"); ok || c.Len() != 2 {
		t.Errorf("what is heavier than the cache was kept, or took others along: %d left", c.Len())
	}
	c.Forget(func(key string, _ int) bool { return key == "a" })
	if _, ok := c.Get("a"); ok || c.weight != 4 {
		t.Errorf("a was to be forgotten; %d of weight", c.weight)
	}
}
