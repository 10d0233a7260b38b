package tray

// picture is the drawing of a glyph for a dark panel or a light one. Its sources
// are in build/icons.
func picture(name string, dark bool) []byte {
	colour := "black-"
	if dark {
		colour = "white-"
	}
	data, err := icons.ReadFile("icons/" + colour + name + iconFormat)
	if err != nil {
		panic("tray: there is no drawing " + name) // a test has all states drawn
	}
	return data
}
