package store

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"io"
	"iter"
)

// Bbolt's file format, version 2, as its internal/common/{meta,page}.go lay it
// out: pages of pageSize bytes, page 0 and 1 the two metas, the rest a B+tree of
// branch and leaf pages and the list of free pages, in the byte order of the
// machine. A page that is too big runs on over "overflow" more pages.
const (
	metaMagic   = 0xED0CDAED
	metaVersion = 2
	metaSize    = 64 // with its checksum, the FNV-1a of what precedes it
	metaSumAt   = metaSize - 8

	headerSize  = 16 // id 8, flags 2, count 2, overflow 4
	elementSize = 16 // branch: pos 4, ksize 4, page 8; leaf: flags 4, pos 4, ksize 4, vsize 4

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	bucketElement = 0x01 // flag of a leaf element: the value is a bucket
	bucketSize    = 16   // root page 8 (0: the page follows inline), sequence 8
)

var order = binary.NativeEndian

// page is one page with its overflow, or the page inside a bucket's value.
type page struct {
	id    uint64
	flags uint16
	count int
	data  []byte // header included
}

// element is one entry of a branch page (child set) or of a leaf page.
type element struct {
	key, value []byte
	child      uint64
	bucket     bool
}

func (p page) element(i int) (e element, err error) {
	at := headerSize + i*elementSize
	if at+elementSize > len(p.data) {
		return e, damaged("page %d has no room for %d elements", p.id, p.count)
	}
	h := p.data[at:]
	var pos, ksize, vsize uint64
	if p.flags == branchPage {
		pos, ksize, e.child = uint64(order.Uint32(h)), uint64(order.Uint32(h[4:])), order.Uint64(h[8:])
	} else {
		e.bucket = order.Uint32(h)&bucketElement != 0
		pos, ksize, vsize = uint64(order.Uint32(h[4:])), uint64(order.Uint32(h[8:])), uint64(order.Uint32(h[12:]))
	}
	key := uint64(at) + pos
	if ksize == 0 || key+ksize+vsize > uint64(len(p.data)) {
		return e, damaged("element %d of page %d lies outside of it", i, p.id)
	}
	e.key, e.value = p.data[key:key+ksize], p.data[key+ksize:key+ksize+vsize]
	return e, nil
}

// inline returns the page inside the value of a small bucket.
func (e element) inline(id uint64) (page, error) {
	if len(e.value) < bucketSize+headerSize {
		return page{}, damaged("page %d holds a bucket cut short", id)
	}
	h := e.value[bucketSize:]
	return page{id: id, flags: order.Uint16(h[8:]), count: int(order.Uint16(h[10:])), data: h}, nil
}

// pages reads a database file by plain reads, which a damaged file cannot turn
// into a fault.
type pages struct {
	file io.ReaderAt
	size int64
}

// read returns page id with its overflow, checking that it lies below limit.
func (f pages) read(id, limit uint64) (page, error) {
	if id < 2 || id >= limit {
		return page{}, damaged("page %d is outside of the file", id)
	}
	head := make([]byte, headerSize)
	if _, err := f.file.ReadAt(head, int64(id*pageSize)); err != nil {
		return page{}, damaged("page %d is not readable: %v", id, err)
	}
	span := 1 + uint64(order.Uint32(head[12:]))
	if order.Uint64(head) != id || id+span > limit {
		return page{}, damaged("page %d is not where it belongs", id)
	}
	p := page{id: id, flags: order.Uint16(head[8:]), count: int(order.Uint16(head[10:])), data: make([]byte, span*pageSize)}
	if _, err := f.file.ReadAt(p.data, int64(id*pageSize)); err != nil {
		return page{}, damaged("page %d is not readable: %v", id, err)
	}
	return p, nil
}

// meta is what a meta page says.
type meta struct {
	root     uint64 // page of the root bucket
	freelist uint64
	limit    uint64 // number of pages in use, free ones among them
	tx       uint64 // the later transaction's meta is in force
}

// meta returns the meta in force.
func (f pages) meta() (meta, error) {
	var best meta
	found := false
	for i := range int64(2) {
		b := make([]byte, metaSize)
		if _, err := f.file.ReadAt(b, i*pageSize+headerSize); err != nil {
			continue
		}
		sum := fnv.New64a()
		_, _ = sum.Write(b[:metaSumAt])
		if order.Uint32(b) != metaMagic || order.Uint32(b[4:]) != metaVersion ||
			order.Uint32(b[8:]) != pageSize || order.Uint64(b[metaSumAt:]) != sum.Sum64() {
			continue
		}
		m := meta{order.Uint64(b[16:]), order.Uint64(b[32:]), order.Uint64(b[40:]), order.Uint64(b[48:])}
		if !found || m.tx > best.tx {
			best, found = m, true
		}
	}
	if !found {
		return meta{}, damaged("neither of its two meta pages is whole")
	}
	if best.limit > uint64(f.size/pageSize) {
		return meta{}, damaged("it is cut short: %d bytes of %d pages", f.size, best.limit)
	}
	return best, nil
}

// checkPages verifies the structure of a database file, so that bbolt can walk
// it without a panic, a fault or an endless loop, and can write without hitting
// a page in use. It does not look into values.
func checkPages(file io.ReaderAt, size int64) error {
	f := pages{file, size}
	m, err := f.meta()
	if err != nil {
		return err
	}
	w := walk{pages: f, limit: m.limit, seen: make([]bool, m.limit)}
	if err := w.tree(m.root, nil, nil, 0); err != nil {
		return err
	}
	return w.freelist(m.freelist)
}

// walk goes through a tree once; seen are the pages it has come by.
type walk struct {
	pages
	limit uint64
	seen  []bool
}

func (w *walk) read(id uint64) (page, error) {
	p, err := w.pages.read(id, w.limit)
	if err != nil {
		return p, err
	}
	for i := id; i < id+uint64(len(p.data)/pageSize); i++ {
		if w.seen[i] {
			return p, damaged("page %d is in use twice", i)
		}
		w.seen[i] = true
	}
	return p, nil
}

// tree checks the page and all below it. Their keys must lie in [from, to); nil
// is no bound. Depth 0 is the root bucket, whose values are buckets, depth 1 one
// of those.
func (w *walk) tree(id uint64, from, to []byte, depth int) error {
	p, err := w.read(id)
	if err != nil {
		return err
	}
	return w.page(p, from, to, depth)
}

func (w *walk) page(p page, from, to []byte, depth int) error {
	if p.flags != leafPage && (p.flags != branchPage || p.count == 0) {
		return damaged("page %d is no tree page", p.id)
	}
	var last []byte
	for i := range p.count {
		e, err := p.element(i)
		if err != nil {
			return err
		}
		if bytes.Compare(e.key, from) < 0 || to != nil && bytes.Compare(e.key, to) >= 0 || i > 0 && bytes.Compare(e.key, last) <= 0 {
			return damaged("the keys of page %d are out of order", p.id)
		}
		last = e.key
		if err := w.below(p, i, e, to, depth); err != nil {
			return err
		}
	}
	return nil
}

// below checks what element i of p leads to.
func (w *walk) below(p page, i int, e element, to []byte, depth int) error {
	if p.flags == branchPage {
		if i+1 < p.count {
			next, err := p.element(i + 1)
			if err != nil {
				return err
			}
			to = next.key
		}
		return w.tree(e.child, e.key, to, depth)
	}
	if e.bucket != (depth == 0) {
		return damaged("page %d mixes buckets and values", p.id)
	}
	if !e.bucket {
		return nil
	}
	if len(e.value) < bucketSize {
		return damaged("page %d holds a bucket cut short", p.id)
	}
	if root := order.Uint64(e.value); root != 0 {
		return w.tree(root, nil, nil, depth+1)
	}
	in, err := e.inline(p.id)
	if err != nil {
		return err
	}
	if in.flags != leafPage {
		return damaged("page %d holds a bucket that is no leaf", p.id)
	}
	return w.page(in, nil, nil, depth+1)
}

// freelist checks that the free pages are ascending and none of them is in use.
// The page's own count gives way to its first entry where it is too small for it.
func (w *walk) freelist(id uint64) error {
	p, err := w.read(id)
	if err != nil {
		return err
	}
	ids, count := p.data[headerSize:], uint64(p.count)
	if p.count == 0xFFFF {
		count, ids = order.Uint64(ids), ids[8:]
	}
	if p.flags != freelistPage || count > uint64(len(ids)/8) {
		return damaged("page %d is no list of free pages", id)
	}
	last := uint64(1)
	for i := range count {
		free := order.Uint64(ids[i*8:])
		if free <= last || free >= w.limit || w.seen[free] {
			return damaged("page %d is listed as free and is not", free)
		}
		last = free
	}
	return nil
}

// salvage calls visit with each key and value that still lies in some leaf page,
// in use or not: old versions of values are among them, and damaged ones. It
// takes the pages one by one, not by the tree, and skips what makes no sense.
func salvage(file io.ReaderAt, size int64, visit func(key, value []byte)) {
	f := pages{file, size}
	limit := uint64(size / pageSize)
	for id := uint64(2); id < limit; id++ {
		p, err := f.read(id, limit)
		if err != nil {
			continue
		}
		for e := range p.leaves() {
			if !e.bucket {
				visit(e.key, e.value)
				continue
			}
			in, err := e.inline(id)
			if err != nil {
				continue
			}
			for e := range in.leaves() {
				visit(e.key, e.value)
			}
		}
	}
}

// leaves yields the readable elements of a leaf page; other pages have none.
func (p page) leaves() iter.Seq[element] {
	return func(yield func(element) bool) {
		for i := 0; p.flags == leafPage && i < p.count; i++ {
			if e, err := p.element(i); err == nil && !yield(e) {
				return
			}
		}
	}
}
