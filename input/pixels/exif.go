package pixels

import (
	"encoding/binary"
	"io"
	"slices"
)

// This file reads one tag of EXIF data, the orientation, from the files that may have it. Data that are damaged have
// none: 1, as files without.

const (
	tiffSubfileType = 254
	tiffOrientation = 274
)

// mostEXIF is more than the data that tell the orientation take: they come first.
const mostEXIF = 1 << 20

// tiffData is a TIFF structure, as EXIF data are. Offsets count from its start.
type tiffData struct {
	io.ReaderAt
	size  int64
	order binary.ByteOrder // nil: no such structure
}

func tiffOrder(head []byte) binary.ByteOrder {
	switch {
	case len(head) >= 4 && string(head[:4]) == "II*\x00":
		return binary.LittleEndian
	case len(head) >= 4 && string(head[:4]) == "MM\x00*":
		return binary.BigEndian
	}
	return nil
}

func (t tiffData) bytes(at int64, n int) ([]byte, bool) {
	if at < 0 || at+int64(n) > t.size {
		return nil, false
	}
	b := make([]byte, n)
	_, err := t.ReadAt(b, at)
	return b, err == nil || err == io.EOF
}

// first is the offset of the first directory.
func (t tiffData) first() (at int64, ok bool) {
	if t.order == nil {
		return 0, false
	}
	b, ok := t.bytes(4, 4)
	if !ok {
		return 0, false
	}
	return int64(t.order.Uint32(b)), true
}

// next is the offset of the directory behind the one at an offset, 0 for none.
func (t tiffData) next(at int64) (int64, bool) {
	n, ok := t.bytes(at, 2)
	if !ok {
		return 0, false
	}
	b, ok := t.bytes(at+2+12*int64(t.order.Uint16(n)), 4)
	if !ok {
		return 0, false
	}
	return int64(t.order.Uint32(b)), true
}

// value is that of a tag of the directory at an offset, where it is one whole number.
func (t tiffData) value(at int64, tag uint16) (uint32, bool) {
	n, ok := t.bytes(at, 2)
	if !ok {
		return 0, false
	}
	entries, ok := t.bytes(at+2, 12*int(t.order.Uint16(n)))
	if !ok {
		return 0, false
	}
	const short, long = 3, 4
	for e := range slices.Chunk(entries, 12) {
		if t.order.Uint16(e) != tag || t.order.Uint32(e[4:]) != 1 {
			continue
		}
		switch t.order.Uint16(e[2:]) {
		case short:
			return uint32(t.order.Uint16(e[8:])), true
		case long:
			return t.order.Uint32(e[8:]), true
		}
	}
	return 0, false
}

func (t tiffData) orientation() int {
	at, ok := t.first()
	if !ok {
		return 1
	}
	if o, ok := t.value(at, tiffOrientation); ok && o >= 1 && o <= 8 {
		return int(o)
	}
	return 1
}

// orientationAt is that of EXIF data in a part of a file.
func orientationAt(file io.ReaderAt, at, size int64) int {
	size = min(size, mostEXIF)
	part := io.NewSectionReader(file, at, size)
	var head [6]byte
	n, _ := part.ReadAt(head[:], 0)
	if string(head[:n]) == "Exif\x00\x00" {
		return orientationAt(file, at+6, size-6)
	}
	return tiffData{part, size, tiffOrder(head[:n])}.orientation()
}

func orientationTIFF(file io.ReaderAt, size int64) int {
	var head [4]byte
	n, _ := file.ReadAt(head[:], 0)
	return tiffData{file, size, tiffOrder(head[:n])}.orientation()
}

// orientationJPEG looks into the segments before the pixels.
func orientationJPEG(file io.ReaderAt, size int64) int {
	const app1, startOfScan, endOfImage = 0xe1, 0xda, 0xd9
	var segment [10]byte
	for at := int64(2); at+4 <= size && at < mostEXIF; {
		n, _ := file.ReadAt(segment[:], at)
		marker := segment[1]
		switch {
		case n < 4 || segment[0] != 0xff || marker == startOfScan || marker == endOfImage:
			return 1
		case marker == 0xff: // a fill byte
			at++
			continue
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // without a content
			at += 2
			continue
		}
		length := int64(binary.BigEndian.Uint16(segment[2:]))
		if length < 2 {
			return 1
		}
		if marker == app1 && n == 10 && string(segment[4:10]) == "Exif\x00\x00" {
			return orientationAt(file, at+4, length-2)
		}
		at += 2 + length
	}
	return 1
}

// orientationPNG looks for the chunk eXIf, which may stand behind the pixels.
func orientationPNG(file io.ReaderAt, size int64) int {
	return orientationInChunks(file, 8, size, "eXIf", func(head []byte) (kind string, content, length, next int64) {
		length = int64(binary.BigEndian.Uint32(head))
		return string(head[4:8]), 8, length, 12 + length
	})
}

func orientationWebP(file io.ReaderAt, size int64) int {
	return orientationInChunks(file, 12, size, "EXIF", func(head []byte) (kind string, content, length, next int64) {
		length = int64(binary.LittleEndian.Uint32(head[4:]))
		return string(head[:4]), 8, length, 8 + length + length&1
	})
}

// orientationInChunks walks through the chunks of a file up to one of a kind.
func orientationInChunks(file io.ReaderAt, at, size int64, want string, parse func(head []byte) (kind string, content, length, next int64)) int {
	const mostChunks = 1 << 16
	head := make([]byte, 8)
	for range mostChunks {
		if n, _ := file.ReadAt(head, at); at+8 > size || n < len(head) {
			return 1
		}
		kind, content, length, next := parse(head)
		if kind == want {
			return orientationAt(file, at+content, min(length, size-at-content))
		}
		at += next
	}
	return 1
}

// upright turns an image the way its EXIF orientation says, as Pillow's ImageOps.exif_transpose does.
func (im Image) upright(orientation int) Image {
	if orientation <= 1 || orientation > 8 {
		return im
	}
	h, w, c := im.Height, im.Width, im.Channels
	out := Image{Height: h, Width: w, Channels: c, Data: make([]float32, len(im.Data))}
	if orientation >= 5 {
		out.Height, out.Width = w, h
	}
	to := 0
	for y := range out.Height {
		for x := range out.Width {
			row, column := y, x
			switch orientation {
			case 2: // mirrored
				column = w - 1 - x
			case 3: // upside down
				row, column = h-1-y, w-1-x
			case 4: // mirrored, upside down
				row = h - 1 - y
			case 5: // transposed
				row, column = x, y
			case 6: // to be turned clockwise
				row, column = h-1-x, y
			case 7: // transposed along the other diagonal
				row, column = h-1-x, w-1-y
			case 8: // to be turned anticlockwise
				row, column = x, w-1-y
			}
			to += copy(out.Data[to:], im.Data[(row*w+column)*c:][:c])
		}
	}
	return out
}
