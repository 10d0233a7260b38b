package mux

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/spdystream/spdy"
)

// tape is a connection whose other end has said everything beforehand. It is heard
// once something was written to it, in pieces of the given sizes in turn, and then
// ends or, if endless, stays silent until it is closed.
type tape struct {
	net.Conn // nil: what is not below is not used
	heard    io.Reader
	pieces   []byte
	endless  bool

	once, closing sync.Once
	spoken        chan struct{}
	closed        chan struct{}
	mu            sync.Mutex
	written       bytes.Buffer
	turn          int
}

func newTape(heard io.Reader, pieces []byte) *tape {
	return &tape{heard: heard, pieces: pieces, spoken: make(chan struct{}), closed: make(chan struct{})}
}

func (t *tape) Read(p []byte) (int, error) {
	select {
	case <-t.spoken:
	case <-t.closed:
		return 0, net.ErrClosed
	}
	if len(t.pieces) > 0 {
		p = p[:min(len(p), int(t.pieces[t.turn%len(t.pieces)])+1)]
		t.turn++
	}
	n, err := t.heard.Read(p)
	if err != nil && t.endless {
		<-t.closed
	}
	return n, err
}

func (t *tape) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.once.Do(func() { close(t.spoken) })
	return t.written.Write(p)
}

func (t *tape) Close() error {
	t.closing.Do(func() { close(t.closed) })
	return nil
}

func (*tape) SetWriteDeadline(time.Time) error { return nil }

// pattern is data in which a byte that is lost or twice there shows.
func pattern(size uint32) []byte {
	data := make([]byte, size%(2*chunk+100))
	for i := range data {
		data[i] = byte(i ^ i>>8)
	}
	return data
}

// FuzzSpdystreamReadsWhatWeSend has a client do what the script says, one letter
// for each act, and reads what it sent with the framer of every server.
func FuzzSpdystreamReadsWhatWeSend(f *testing.F) {
	f.Add("", uint16(80), uint32(0))
	f.Add("oo", uint16(1), uint32(18))
	f.Add("owcrowr", uint16(65535), uint32(chunk+1))
	f.Add("orororor", uint16(5432), uint32(1))
	f.Fuzz(func(t *testing.T, script string, port uint16, size uint32) {
		data := pattern(size)
		conn := newTape(nil, nil)
		s := new(Codec).Session(conn, Options{})
		conn.endless, conn.heard = true, bytes.NewReader(nil)
		want := act(t, s, script, int(port), data)
		s.Close()
		<-s.Done()
		framer, err := spdy.NewFramer(io.Discard, &conn.written)
		check(t, err)
		for _, w := range append(want, &spdy.GoAwayFrame{}) {
			wantFrame(t, framer, w)
		}
		if _, err := framer.ReadFrame(); !errors.Is(err, io.EOF) {
			t.Errorf("after the last frame: %v", err)
		}
	})
}

// act does what the script says and returns what a server shall see of it.
func act(t *testing.T, s Session, script string, port int, data []byte) (want []spdy.Frame) {
	var p Pair
	next := spdy.StreamId(1)
	header := func(kind string) http.Header {
		h := http.Header{}
		h.Set("streamType", kind)
		h.Set("port", strconv.Itoa(port))
		h.Set("requestID", strconv.Itoa(int(next)))
		return h
	}
	send := func(stream spdy.StreamId) {
		for rest := data; len(rest) > 0; rest = rest[min(chunk, len(rest)):] {
			want = append(want, &spdy.DataFrame{StreamId: stream, Data: rest[:min(chunk, len(rest))]})
		}
	}
	for _, letter := range script {
		var err error
		switch {
		case letter == 'o' && p == nil:
			p, err = s.Open(t.Context(), port, data)
			want = append(want, &spdy.SynStreamFrame{StreamId: next, Headers: header("error")},
				&spdy.SynStreamFrame{StreamId: next + 2, Headers: header("data")},
				&spdy.DataFrame{StreamId: next, Flags: spdy.DataFlagFin})
			send(next + 2)
			next += 4
		case p == nil:
		case letter == 'w':
			_, err = p.Write(data)
			send(next - 2)
		case letter == 'c':
			err = p.CloseWrite()
			want = append(want, &spdy.DataFrame{StreamId: next - 2, Flags: spdy.DataFlagFin})
		case letter == 'r':
			p.Reset()
			p.Reset() // is no second one
			p = nil
			want = append(want, &spdy.RstStreamFrame{StreamId: next - 2, Status: spdy.Cancel},
				&spdy.RstStreamFrame{StreamId: next - 4, Status: spdy.Cancel})
		}
		check(t, err)
	}
	return want
}

func wantFrame(t *testing.T, framer *spdy.Framer, want spdy.Frame) {
	t.Helper()
	got, err := framer.ReadFrame()
	check(t, err)
	same := false
	switch want := want.(type) {
	case *spdy.SynStreamFrame:
		got, ok := got.(*spdy.SynStreamFrame)
		same = ok && got.StreamId == want.StreamId && got.CFHeader.Flags == 0 && equalHeaders(got.Headers, want.Headers)
	case *spdy.DataFrame:
		got, ok := got.(*spdy.DataFrame)
		same = ok && got.StreamId == want.StreamId && got.Flags == want.Flags && bytes.Equal(got.Data, want.Data)
	case *spdy.RstStreamFrame:
		got, ok := got.(*spdy.RstStreamFrame)
		same = ok && got.StreamId == want.StreamId && got.Status == want.Status
	case *spdy.GoAwayFrame:
		got, ok := got.(*spdy.GoAwayFrame)
		same = ok && got.LastGoodStreamId == 0 && got.Status == spdy.GoAwayOK
	}
	if !same {
		t.Fatalf("a server reads %+v, want %+v", got, want)
	}
}

func equalHeaders(a, b http.Header) bool {
	same := len(a) == len(b)
	for name := range a {
		same = same && len(a[name]) == 1 && a.Get(name) == b.Get(name)
	}
	return same
}

// FuzzWeReadWhatSpdystreamSends has a server's framer write what the script says,
// one letter for each frame, and compares what a pair makes of it with what the
// letters mean.
func FuzzWeReadWhatSpdystreamSends(f *testing.F) {
	f.Add("RrdddD", uint32(5), []byte{0})
	f.Add("RrdDte", uint32(18), []byte{7, 200})
	f.Add("x", uint32(1), []byte(nil))
	f.Add("Rspdhdwdugdx", uint32(80<<10), []byte{255})
	f.Add("Rrqdqd", uint32(2*readAhead), []byte{3})
	f.Add("rtttdx", uint32(textLimit-1), []byte{100})
	f.Fuzz(func(t *testing.T, script string, size uint32, pieces []byte) {
		data := pattern(size)
		var wire bytes.Buffer
		framer, err := spdy.NewFramer(&wire, nil)
		check(t, err)
		want := speak(t, framer, script, data)
		s := new(Codec).Session(newTape(&wire, pieces), Options{})
		p, err := s.Open(t.Context(), 80, nil)
		check(t, err)
		var got bytes.Buffer
		n, err := p.WriteTo(&got)
		<-s.Done()
		if !bytes.Equal(got.Bytes(), want.data) || n != int64(len(want.data)) {
			t.Errorf("%d bytes arrived as %d others", len(want.data), n)
		}
		var remote *RemoteError
		switch {
		case want.text != "":
			if !errors.As(err, &remote) || remote.Text != want.text {
				t.Errorf("ended with %v, want the text %q", err, want.text)
			}
		case !errors.Is(err, want.err):
			t.Errorf("ended with %v, want %v", err, want.err)
		}
		if s.Reusable() {
			t.Error("a session that has ended can be reused")
		}
	})
}

// meaning is what a pair of the streams 1 and 3 makes of frames.
type meaning struct {
	data []byte
	text string
	err  error
}

// speak writes frames. What would come on a stream after its end is left out.
func speak(t *testing.T, framer *spdy.Framer, script string, data []byte) (m meaning) {
	const errs, pod = 1, 3
	ended, replied := map[spdy.StreamId]bool{}, map[spdy.StreamId]bool{}
	m.err = ErrLost
	for _, letter := range script {
		var frame spdy.Frame
		if ended[pod] && strings.ContainsRune("rdDx", letter) || ended[errs] && strings.ContainsRune("te", letter) {
			continue
		}
		switch letter {
		case 'R', 'r':
			id := spdy.StreamId(errs)
			if letter == 'r' {
				id = pod
			}
			replied[id] = true
			frame = &spdy.SynReplyFrame{StreamId: id, Headers: http.Header{"X": {"y"}}}
		case 'd', 'D':
			m.data = append(m.data, data...)
			frame = &spdy.DataFrame{StreamId: pod, Data: data}
			if letter == 'D' {
				frame = &spdy.DataFrame{StreamId: pod, Data: data, Flags: spdy.DataFlagFin}
				ended[pod] = true
				m.err = nil
			}
		case 't':
			m.text += string(data)
			m.text = m.text[:min(len(m.text), textLimit)]
			frame = &spdy.DataFrame{StreamId: errs, Data: data}
		case 'x':
			frame = &spdy.RstStreamFrame{StreamId: pod, Status: spdy.Cancel}
			ended[pod] = true
			m.err = ErrReset
			if !replied[pod] {
				m.err = ErrRejected
			}
		case 'e':
			ended[errs] = true
			frame = &spdy.DataFrame{StreamId: errs, Flags: spdy.DataFlagFin}
		case 'p', 'q':
			frame = &spdy.PingFrame{Id: uint32(letter)}
		case 's':
			frame = &spdy.SettingsFrame{FlagIdValues: []spdy.SettingsFlagIdValue{{Id: 4, Value: 100}}}
		case 'w':
			frame = &spdy.WindowUpdateFrame{StreamId: pod, DeltaWindowSize: 1 << 16}
		case 'h':
			frame = &spdy.HeadersFrame{StreamId: pod, Headers: http.Header{"A": {"b"}}}
		case 'g':
			frame = &spdy.GoAwayFrame{LastGoodStreamId: pod}
		case 'u':
			frame = &spdy.DataFrame{StreamId: 99, Data: data, Flags: spdy.DataFlagFin}
		case 'o':
			frame = &spdy.SynStreamFrame{StreamId: 2, Headers: http.Header{"A": {"b"}}}
		default:
			continue
		}
		check(t, framer.WriteFrame(frame))
	}
	return m
}

// FuzzHostileServer holds that whatever a server says, a pair on it ends, and
// nobody is told more than was sent.
func FuzzHostileServer(f *testing.F) {
	f.Add([]byte{0, 0, 0, 3, 1, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'}, []byte{2})
	f.Add([]byte{0, 0, 0, 3, 0, 0xff, 0xff, 0xff, 'x'}, []byte(nil))    // length that lies
	f.Add([]byte{0x80, 3, 0, 3, 0, 0, 0, 2, 0, 0}, []byte(nil))         // too short for a RST
	f.Add([]byte{0x80, 3, 0, 2, 0, 0, 0, 4, 0, 0, 0, 1}, []byte(nil))   // reply without headers
	f.Add([]byte{0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2}, []byte(nil))   // ping
	f.Add(encode(frame{control: true, kind: 99, length: 50}), []byte{}) // no such frame
	f.Add(append(appendData(nil, 3, flagFin, []byte("a")), appendData(nil, 3, flagFin, []byte("b"))...), []byte{9})
	f.Add(append(appendReset(nil, 3), appendReset(nil, 3)...), []byte(nil))
	f.Fuzz(func(t *testing.T, heard, pieces []byte) {
		s := new(Codec).Session(newTape(bytes.NewReader(heard), pieces), Options{})
		p, err := s.Open(t.Context(), 80, []byte("hello"))
		check(t, err)
		n, err := p.WriteTo(io.Discard)
		var remote *RemoteError
		if errors.As(err, &remote) && len(remote.Text) > textLimit || n > int64(len(heard)) {
			t.Errorf("%d bytes said %v and %d bytes", len(heard), err, n)
		}
		p.Reset()
		s.Close()
		<-s.Done()
	})
}

// flood repeats a frame, with a payload of zeros as long as it says.
type flood struct {
	frame  []byte
	length int // of the payload
	times  int
	at     int // in the frame that is being read
}

func (f *flood) Read(p []byte) (n int, err error) {
	for n < len(p) && f.times > 0 {
		if f.at < len(f.frame) {
			k := copy(p[n:], f.frame[f.at:])
			n, f.at = n+k, f.at+k
			continue
		}
		k := min(len(p)-n, len(f.frame)+f.length-f.at)
		clear(p[n : n+k])
		n, f.at = n+k, f.at+k
		if f.at == len(f.frame)+f.length {
			f.at = 0
			f.times--
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestFloodsCostNoMemory holds that the memory for what a server sends does not
// grow with it.
func TestFloodsCostNoMemory(t *testing.T) {
	const huge = lengthMask
	control := func(kind uint16, length int, stream byte) []byte {
		return append(appendHead(nil, kind, uint32(length)), 0, 0, 0, stream)
	}
	for name, f := range map[string]*flood{
		"long data":         {frame: appendData(nil, 3, 0, nil), length: huge, times: 8},
		"long text":         {frame: appendData(nil, 1, 0, nil), length: huge, times: 8},
		"data of nobody":    {frame: appendData(nil, 77, 0, nil), length: huge, times: 8},
		"long header block": {frame: control(typeReply, huge, 3), length: huge - 4, times: 8},
		"SYN":               {frame: control(typeSyn, 30, 2), length: 26, times: 300_000},
		"pings":             {frame: control(typePing, 4, 2), times: 3_000},
		"resets of nobody":  {frame: control(typeReset, 8, 77), length: 4, times: 300_000},
		"empty data":        {frame: appendData(nil, 3, 0, nil), times: 300_000},
	} {
		t.Run(name, func(t *testing.T) {
			if f.length == huge { // the payload's length is in the head
				copy(f.frame[5:8], []byte{0xff, 0xff, 0xff})
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s := new(Codec).Session(newTape(f, nil), Options{})
			p, err := s.Open(t.Context(), 80, nil)
			check(t, err)
			_, _ = p.WriteTo(io.Discard)
			<-s.Done()
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
				t.Errorf("took %d bytes", took)
			}
		})
	}
}
