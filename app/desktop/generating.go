//go:build bindings

package desktop

// Generating says that this program only writes the bindings of the page: it runs
// up to the opening of the window, and must have had no effect by then.
const Generating = true
