package app_test

// killGroup kills the process that leads a group: Windows has no such groups, and
// the scripts that need one do not run there.
func killGroup(leader int) { kill(leader) }
