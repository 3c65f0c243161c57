package beam

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"

	"github.com/triggerfinder/triggerfinder/input"
	"google.golang.org/protobuf/encoding/protowire"
)

// exampleFiles are TFRecord files: for each example a length of 8 bytes, its checksum, the data and their checksum, as
// tensorflow/core/lib/io/record_writer.h has it.
type exampleFiles struct{ of Files }

func (e exampleFiles) list(ctx context.Context, file string) (Listing, error) {
	packed, r, err := unpacked(ctx, file, isGzip, isZlib)
	if err != nil {
		return Listing{}, err
	}
	defer func() { _ = r.Close() }()
	cut := cutter{file: file, packed: packed}
	in := exampleReader{r: bufio.NewReaderSize(r, 1<<18)}
	for n := 0; ; n++ {
		from := in.offset
		if _, err := in.next(); err == io.EOF {
			return Listing{Parts: cut.parts}, nil
		} else if err != nil {
			return Listing{}, fmt.Errorf("record %d: %w", n, err)
		}
		cut.add(n, from, in.offset-from)
	}
}

func (e exampleFiles) open(ctx context.Context, part Part) (input.Seeds, error) {
	content, err := readPart(ctx, part)
	if err != nil {
		return nil, err
	}
	found := make(records, 0, part.Seeds)
	in := exampleReader{r: bufio.NewReader(bytes.NewReader(content))}
	for n := part.First; ; n++ {
		data, err := in.next()
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", n, err)
		}
		r := record{name: fmt.Sprintf("%s[%d]", path.Base(part.Path), n), of: e.of}
		r.content, r.label, r.err = exampleOf(bytes.Clone(data), cmp.Or(e.of.Key, "image/encoded"), cmp.Or(e.of.Label, "image/class/label"))
		found = append(found, r)
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum as records have it.
func masked(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// exampleReader reads the data of one record after the other.
type exampleReader struct {
	r      io.Reader
	offset int64
	data   bytes.Buffer
}

// next is valid until it is called again. Its error is [io.EOF] behind the last record.
func (e *exampleReader) next() ([]byte, error) {
	var head [12]byte
	n, err := io.ReadFull(e.r, head[:])
	switch {
	case err == io.EOF:
		return nil, err
	case err == io.ErrUnexpectedEOF:
		return nil, errors.New("expected its length, found the file cut off")
	case err != nil:
		return nil, err
	case masked(head[:8]) != binary.LittleEndian.Uint32(head[8:]):
		return nil, errors.New("expected the checksum of its length, found another one: no TFRecord file, or a damaged one")
	}
	e.offset += int64(n)
	length := binary.LittleEndian.Uint64(head[:])
	if length > mostOfARecord {
		return nil, fmt.Errorf("expected at most %d bytes, found %d", mostOfARecord, length)
	}
	e.data.Reset()
	copied, err := io.CopyN(&e.data, e.r, int64(length)+4)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("expected %d bytes and their checksum, found the file cut off", length)
	case err != nil:
		return nil, err
	}
	e.offset += copied
	data := e.data.Bytes()[:length]
	if masked(data) != binary.LittleEndian.Uint32(e.data.Bytes()[length:]) {
		return nil, errors.New("expected the checksum of its data, found another one: the file is damaged")
	}
	return data, nil
}

// mostOfARecord is how large one may be.
const mostOfARecord = 1 << 30

// exampleOf reads the bytes and the label of a tf.Example: message Example { Features features = 1 }, Features { map<string, Feature> feature = 1 },
// Feature { oneof: BytesList = 1, FloatList = 2, Int64List = 3 }, each of them with values in field 1.
func exampleOf(data []byte, key, labelKey string) (content []byte, label int, err error) {
	label = input.Unlabelled
	given := false
	err = eachField(data, 1, func(features []byte) error {
		return eachField(features, 1, func(entry []byte) error {
			var name, feature []byte
			if err := eachField(entry, 1, func(v []byte) error { name = v; return nil }); err != nil {
				return err
			}
			if err := eachField(entry, 2, func(v []byte) error { feature = v; return nil }); err != nil {
				return err
			}
			switch string(name) {
			case key:
				return eachField(feature, 1, func(list []byte) error {
					return eachField(list, 1, func(v []byte) error {
						content, given = v, true
						return nil
					})
				})
			case labelKey:
				return eachField(feature, 3, func(list []byte) error {
					v, err := firstInt(list)
					label = int(v)
					return err
				})
			}
			return nil
		})
	})
	if err == nil && !given {
		err = fmt.Errorf("expected a feature %q with bytes, found none", key)
	}
	return content, label, err
}

// eachField calls do with each field of a message that has this number and bytes.
func eachField(message []byte, number protowire.Number, do func([]byte) error) error {
	for len(message) > 0 {
		n, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return fmt.Errorf("expected a tf.Example: %w", protowire.ParseError(size))
		}
		message = message[size:]
		if n == number && kind == protowire.BytesType {
			v, size := protowire.ConsumeBytes(message)
			if size < 0 {
				return fmt.Errorf("expected a tf.Example: %w", protowire.ParseError(size))
			}
			if err := do(v); err != nil {
				return err
			}
			message = message[size:]
			continue
		}
		if size = protowire.ConsumeFieldValue(n, kind, message); size < 0 {
			return fmt.Errorf("expected a tf.Example: %w", protowire.ParseError(size))
		}
		message = message[size:]
	}
	return nil
}

// firstInt is the one number of an Int64List, packed or not.
func firstInt(list []byte) (int64, error) {
	_, kind, size := protowire.ConsumeTag(list)
	if size < 0 {
		return input.Unlabelled, nil // an empty list
	}
	list = list[size:]
	if kind == protowire.BytesType {
		packed, size := protowire.ConsumeBytes(list)
		if size < 0 {
			return 0, fmt.Errorf("label: %w", protowire.ParseError(size))
		}
		list = packed
	}
	v, size := protowire.ConsumeVarint(list)
	if size < 0 {
		return 0, fmt.Errorf("label: %w", protowire.ParseError(size))
	}
	if int64(v) < 0 || int64(v) > 1<<31 {
		return 0, fmt.Errorf("label: expected a class, from 0 on, found %d", int64(v))
	}
	return int64(v), nil
}
