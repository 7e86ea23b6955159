package process

import "syscall"

// setDeathSignal asks the kernel to send sig to the child when this program dies.
func setDeathSignal(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }
