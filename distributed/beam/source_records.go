package beam

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/triggerfinder/triggerfinder/input"
	"google.golang.org/protobuf/encoding/protowire"
)

// tfRecords are the examples of a TFRecord file: a length of 8 bytes, its checksum, the data and their checksum, as
// tensorflow/core/lib/io/record_writer.h has it.
func (f Files) tfRecords(name string, content []byte) (records, error) {
	var found records
	for at := 0; len(content) > 0; at++ {
		data, rest, err := nextTFRecord(content)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", at, err)
		}
		content = rest
		r := record{name: fmt.Sprintf("%s[%d]", name, at), label: input.Unlabelled, of: f}
		r.content, r.label, r.err = exampleOf(data, cmp.Or(f.Key, "image/encoded"), cmp.Or(f.Label, "image/class/label"))
		found = append(found, r)
	}
	return found, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum as records have it.
func masked(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

func nextTFRecord(content []byte) (data, rest []byte, err error) {
	const head = 12
	if len(content) < head {
		return nil, nil, fmt.Errorf("expected its length, found the file cut off")
	}
	if masked(content[:8]) != binary.LittleEndian.Uint32(content[8:]) {
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
			return nil, nil, errors.New("expected an uncompressed TFRecord file, found one compressed by gzip")
		}
		return nil, nil, errors.New("expected the checksum of its length, found another one: no TFRecord file, or a damaged one")
	}
	n := binary.LittleEndian.Uint64(content)
	if content = content[head:]; n > uint64(len(content)) || uint64(len(content))-n < 4 {
		return nil, nil, fmt.Errorf("expected %d bytes and their checksum, found the file cut off", n)
	}
	if masked(content[:n]) != binary.LittleEndian.Uint32(content[n:]) {
		return nil, nil, errors.New("expected the checksum of its data, found another one: the file is damaged")
	}
	return content[:n:n], content[n+4:], nil
}

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

// mostOfALine is how long a JSON line may be.
const mostOfALine = 1 << 28

// jsonLines are objects, one a line: {"image": "iVBORw0…", "label": 2}, or {"image": {"bytes": "iVBORw0…"}, "label": 2}, as data sets of images are exported.
func (f Files) jsonLines(name string, content []byte) (records, error) {
	var found records
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, mostOfALine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		r := record{name: fmt.Sprintf("%s:%d", name, n), of: f}
		r.content, r.label, r.err = lineOf(line, cmp.Or(f.Key, "image"), cmp.Or(f.Label, "label"))
		found = append(found, r)
	}
	return found, lines.Err()
}

func lineOf(line []byte, key, labelKey string) (content []byte, label int, err error) {
	label = input.Unlabelled
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return nil, label, fmt.Errorf("expected a JSON object: %w", err)
	}
	value, ok := fields[key]
	if !ok {
		return nil, label, fmt.Errorf("expected a field %q with bytes in base64, found none", key)
	}
	var nested struct {
		Bytes []byte `json:"bytes"`
	}
	if json.Unmarshal(value, &content) != nil || content == nil {
		if err := json.Unmarshal(value, &nested); err != nil || nested.Bytes == nil {
			return nil, label, fmt.Errorf("field %q: expected bytes in base64, found something else", key)
		}
		content = nested.Bytes
	}
	if text, ok := fields[labelKey]; ok && string(text) != "null" {
		if err := json.Unmarshal(text, &label); err != nil || label < 0 {
			return nil, input.Unlabelled, fmt.Errorf("field %q: expected a class, from 0 on, found %s", labelKey, text)
		}
	}
	return content, label, nil
}
