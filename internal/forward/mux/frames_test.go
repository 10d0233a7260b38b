package mux

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// encode writes a frame with a payload of zeros.
func encode(f frame) []byte {
	b := make([]byte, headLength+f.length)
	binary.BigEndian.PutUint32(b[4:], uint32(f.flags)<<24|uint32(f.length))
	if !f.control {
		binary.BigEndian.PutUint32(b, f.stream)
		return b
	}
	binary.BigEndian.PutUint32(b, controlBit|3<<16|uint32(f.kind))
	if f.length >= 4 {
		binary.BigEndian.PutUint32(b[headLength:], f.stream)
	}
	return b
}

func TestScannerSeesEveryFrameHoweverItIsCut(t *testing.T) {
	anyFrame := rapid.Custom(func(t *rapid.T) frame {
		f := frame{
			control: rapid.Bool().Draw(t, "control"),
			stream:  rapid.Uint32Range(1, streamMask).Draw(t, "stream"),
			flags:   rapid.Byte().Draw(t, "flags"),
			length:  rapid.IntRange(0, 300).Draw(t, "length"),
		}
		if f.control {
			f.kind = rapid.Uint16Range(1, 9).Draw(t, "kind")
			if f.length < 4 {
				f.stream = 0
			}
		}
		return f
	})
	rapid.Check(t, func(t *rapid.T) {
		frames := rapid.SliceOf(anyFrame).Draw(t, "frames")
		var wire []byte
		ends := map[int]bool{0: true}
		for _, f := range frames {
			wire = append(wire, encode(f)...)
			ends[len(wire)] = true
		}
		var seen []frame
		s := scanner{on: func(f frame) { seen = append(seen, f) }}
		for at := 0; at < len(wire); {
			n := rapid.IntRange(1, len(wire)-at).Draw(t, "cut")
			s.feed(wire[at : at+n])
			at += n
			if s.between() != ends[at] {
				t.Fatalf("at byte %d of %d: between frames = %v", at, len(wire), s.between())
			}
		}
		if !slices.Equal(seen, frames) {
			t.Fatalf("saw %+v, want %+v", seen, frames)
		}
	})
}

func FuzzScannerTakesAnything(f *testing.F) {
	f.Add(encode(frame{stream: 3, flags: flagFin, length: 5}))
	f.Add(encode(frame{control: true, kind: typeGoAway, length: 8, stream: 1}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := scanner{on: func(fr frame) {
			if fr.length < 0 || fr.length > lengthMask || fr.stream > streamMask {
				t.Errorf("impossible frame %+v", fr)
			}
		}}
		s.feed(data)
	})
}
