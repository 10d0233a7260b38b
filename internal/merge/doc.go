// Package merge decides what a sync changes on this machine, and how a person's
// own changes live beside what a team shares. It is pure: it reads a
// [portolan.State] and parsed files, and changes nothing but the State that it
// is given.
//
// [Plan] compares what a source brought last with what its repository holds now
// and returns a [Decision]: rows for people, and an Apply that does exactly what
// the rows say. [Forwards] lists what is in force. The other functions are the
// changes that a person makes: edit, override, add, remove, confirm, answer.
//
// Four laws hold, each of them a property test. Syncing twice changes nothing
// the second time. The order of entries and files does not matter. What is not
// the source's is never touched. What the plan says is what applying it does.
//
// A shared file is untrusted input, so one more rule runs through the package: a
// sync never starts anything and never moves a running forward to another
// context or namespace without a yes given on this machine.
package merge
