package displaytest

import (
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"path/filepath"
)

// The fields of an XWD file's header, in units of 32 bits, big-endian (see
// X11/XWDFile.h).
const (
	headerSize   = 0
	byteOrder    = 7
	bitsPerPixel = 11
	bytesPerLine = 12
	colours      = 19
	colourSize   = 12 // bytes of an entry of the colour map, which comes before the pixels
	headerFields = 25
)

// Screen is what the screen shows now. It costs the X server nothing, so that it can
// be looked at many times a second.
func (d *Display) Screen() (*image.RGBA, error) {
	data, err := os.ReadFile(filepath.Join(d.frames, "Xvfb_screen0"))
	if err != nil {
		return nil, err
	}
	if len(data) < 4*headerFields {
		return nil, fmt.Errorf("a frame buffer of %d bytes", len(data))
	}
	field := func(n int) int { return int(binary.BigEndian.Uint32(data[4*n:])) }
	width, height, line := field(4), field(5), field(bytesPerLine)
	first := field(headerSize) + field(colours)*colourSize
	if field(bitsPerPixel) != 32 || field(byteOrder) != 0 || len(data) < first+height*line {
		return nil, fmt.Errorf("a frame buffer of %d bits a pixel in byte order %d", field(bitsPerPixel), field(byteOrder))
	}
	screen := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		from, to := data[first+y*line:], screen.Pix[y*screen.Stride:]
		for x := range width { // blue, green, red, nothing
			to[4*x], to[4*x+1], to[4*x+2], to[4*x+3] = from[4*x+2], from[4*x+1], from[4*x], 0xff
		}
	}
	return screen, nil
}
