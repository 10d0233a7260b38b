package portolan

// Nearest returns the known word for which word is most likely a slip of the
// keyboard, or "" if none is near.
func Nearest(word string, known []string) string { return nearest(word, known) }
