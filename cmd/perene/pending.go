package main

import "errors"

type doctorCommand struct{}

// Run is filled in by the doctor package.
func (doctorCommand) Run() error { return errors.New("not in this build") }
