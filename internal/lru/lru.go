// Package lru remembers what was used last, up to a weight.
package lru

import (
	"container/list"
	"sync"
)

// Cache remembers values by key. When their weights pass its bound it forgets what was used longest ago. Safe for
// concurrent use.
type Cache[K comparable, V any] struct {
	most int64

	mu     sync.Mutex
	weight int64
	order  *list.List // of *entry, the last used first
	byKey  map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key    K
	value  V
	weight int64
}

// New makes a Cache of a weight at most, in a unit of the caller's.
func New[K comparable, V any](most int64) *Cache[K, V] {
	return &Cache[K, V]{most: most, order: list.New(), byKey: map[K]*list.Element{}}
}

// Get gives what is remembered of key, and counts as a use.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.byKey[key]; at != nil {
		c.order.MoveToFront(at)
		return at.Value.(*entry[K, V]).value, true //nolint:forcetypeassert // the list holds nothing else
	}
	var none V
	return none, false
}

// Put remembers value under key. What weighs more than the whole cache is not remembered.
func (c *Cache[K, V]) Put(key K, value V, weight int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.byKey[key]; at != nil {
		c.drop(at)
	}
	if weight > c.most {
		return
	}
	c.byKey[key] = c.order.PushFront(&entry[K, V]{key, value, weight})
	for c.weight += weight; c.weight > c.most; {
		c.drop(c.order.Back())
	}
}

// Forget drops what which tells.
func (c *Cache[K, V]) Forget(which func(K, V) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at := c.order.Front(); at != nil; {
		next := at.Next()
		if e := at.Value.(*entry[K, V]); which(e.key, e.value) { //nolint:forcetypeassert // the list holds nothing else
			c.drop(at)
		}
		at = next
	}
}

// Len is how many values are remembered.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.order.Len()
}

func (c *Cache[K, V]) drop(at *list.Element) {
	e := c.order.Remove(at).(*entry[K, V]) //nolint:forcetypeassert // the list holds nothing else
	delete(c.byKey, e.key)
	c.weight -= e.weight
}
