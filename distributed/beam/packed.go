package beam

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// packing is a way to compress a file as a whole.
type packing struct {
	name   string
	begins func(first []byte) bool
	reader func(io.Reader) (io.ReadCloser, error)
}

var (
	isGzip = packing{
		"gzip", func(first []byte) bool { return bytes.HasPrefix(first, []byte{0x1f, 0x8b}) },
		func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) },
	}
	// A TFRecord file that is not packed may begin with the same two bytes, as they are those of a length, but the checksum of it is right then.
	isZlib = packing{
		"zlib", func(first []byte) bool {
			return len(first) >= 2 && first[0] == 0x78 && binary.BigEndian.Uint16(first)%31 == 0 &&
				(len(first) < 12 || masked(first[:8]) != binary.LittleEndian.Uint32(first[8:]))
		},
		zlib.NewReader,
	}
	isZstd = packing{
		"zstd", func(first []byte) bool { return bytes.HasPrefix(first, []byte{0x28, 0xb5, 0x2f, 0xfd}) },
		func(r io.Reader) (io.ReadCloser, error) {
			d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		},
	}
)

// unpacked opens a file whose beginning says whether it is packed in one of these ways.
func unpacked(ctx context.Context, file string, ways ...packing) (packed string, r io.ReadCloser, err error) {
	f, err := openFrom(ctx, file, 0, toTheEnd)
	if err != nil {
		return "", nil, err
	}
	in := bufio.NewReaderSize(f, 1<<18)
	first, err := in.Peek(12)
	if err != nil && err != io.EOF {
		return "", nil, errors.Join(err, f.Close())
	}
	for _, way := range ways {
		if way.begins(first) {
			u, err := way.reader(in)
			if err != nil {
				return "", nil, errors.Join(fmt.Errorf("%s: %w", way.name, err), f.Close())
			}
			return way.name, limited(u, closers{u, f}, toTheEnd), nil
		}
	}
	return "", limited(in, f, toTheEnd), nil
}

// readPart reads the bytes of a part. What is packed is unpacked from the beginning of the file, and what lies before the part is not kept.
func readPart(ctx context.Context, part Part) ([]byte, error) {
	var r io.ReadCloser
	var err error
	if part.Packed == "" {
		r, err = openFrom(ctx, part.Path, part.Offset, part.Bytes)
	} else if _, r, err = unpacked(ctx, part.Path, isGzip, isZlib, isZstd); err == nil {
		_, err = io.CopyN(io.Discard, r, part.Offset)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	content := make([]byte, part.Bytes)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, fmt.Errorf("expected %d bytes at offset %d, as when it was listed: %w", part.Bytes, part.Offset, err)
	}
	return content, nil
}
