package mux

import "encoding/binary"

// cancelled is the status of a RST_STREAM by the one who opened the stream
// (section 2.6.3).
const cancelled = 5

// header is one name, in lower case, with its value.
type header struct{ name, value string }

// appendSyn appends a SYN_STREAM frame (section 2.6.1).
//
// The header blocks of a connection are one zlib stream. This one is not
// compressed: a compressor costs 0.8 MB, and the blocks have a hundred bytes. Each
// is a stored block of DEFLATE (RFC 1951, section 3.2.4), and an empty one after
// which the reader has consumed all that belongs to the frame. The header of the
// zlib stream (RFC 1950), which only the first block has, names no dictionary, so
// that the one of SPDY does not count.
func appendSyn(b []byte, stream uint32, first bool, headers ...header) []byte {
	at := len(b)
	b = appendHead(b, typeSyn, 0)
	b = binary.BigEndian.AppendUint32(b, stream)
	b = append(b, 0, 0, 0, 0, 0, 0) // no associated stream, priority, slot
	if first {
		b = append(b, 0x78, 0x01)
	}
	length := 4
	for _, h := range headers {
		length += 4 + len(h.name) + 4 + len(h.value)
	}
	b = append(b, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(length))
	b = binary.LittleEndian.AppendUint16(b, ^uint16(length))
	b = binary.BigEndian.AppendUint32(b, uint32(len(headers)))
	for _, h := range headers {
		b = binary.BigEndian.AppendUint32(b, uint32(len(h.name)))
		b = append(b, h.name...)
		b = binary.BigEndian.AppendUint32(b, uint32(len(h.value)))
		b = append(b, h.value...)
	}
	b = append(b, 0, 0, 0, 0xff, 0xff)
	binary.BigEndian.PutUint32(b[at+4:], uint32(len(b)-at-headLength))
	return b
}

// appendData appends a DATA frame (section 2.2.2).
func appendData(b []byte, stream uint32, flags byte, payload []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, stream)
	b = binary.BigEndian.AppendUint32(b, uint32(flags)<<24|uint32(len(payload)))
	return append(b, payload...)
}

// appendReset appends a RST_STREAM frame (section 2.6.3).
func appendReset(b []byte, stream uint32) []byte {
	b = appendHead(b, typeReset, 8)
	b = binary.BigEndian.AppendUint32(b, stream)
	return binary.BigEndian.AppendUint32(b, cancelled)
}

// appendPing appends a PING frame (section 2.6.5), which is answered by the same.
func appendPing(b []byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32(appendHead(b, typePing, 4), id)
}

// appendGoAway appends a GOAWAY frame (section 2.6.6), with status OK: servers
// open no streams, so that the last good one is 0.
func appendGoAway(b []byte) []byte {
	return append(appendHead(b, typeGoAway, 8), 0, 0, 0, 0, 0, 0, 0, 0)
}

// appendHead appends the head of a control frame without flags.
func appendHead(b []byte, kind uint16, length uint32) []byte {
	b = binary.BigEndian.AppendUint32(b, controlBit|version<<16|uint32(kind))
	return binary.BigEndian.AppendUint32(b, length)
}
