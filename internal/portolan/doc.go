// Package portolan holds the nouns of the program and their rules: what an
// environment file may say ([Entry], [File], [Parse]), what this machine keeps
// ([State]), what is observed ([Status], [Fault]) and what every face draws
// ([View]).
//
// Everything here is plain data and pure functions. Nothing in this package
// reads a clock, a file or a socket, and it imports nothing of ours, so that
// each other package may import it.
package portolan
