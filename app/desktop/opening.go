//go:build desktop && !bindings

package desktop

// Generating says that this program only writes the bindings of the page.
const Generating = false
