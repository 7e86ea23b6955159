//go:build !linux

package process

import "syscall"

// setDeathSignal does nothing: only Linux can end a child when its parent dies.
func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}
