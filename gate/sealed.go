package gate

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// What is sent and stored of a part of a measurement: what begins the format, with the version last, JSON, and a checksum.

func seal(format string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	data := append([]byte(format), text...)
	return binary.LittleEndian.AppendUint32(data, crc32.ChecksumIEEE(data)), nil
}

// unseal reads strictly: there is one way alone to write a value.
func unseal(data []byte, format string, v any) error {
	version := len(format) - 1
	if len(data) < len(format)+4 || string(data[:version]) != format[:version] {
		return fmt.Errorf("expected data that begins with %q, found another format", format[:version-1])
	}
	if data[version] != format[version] {
		return fmt.Errorf("format version is %d; expected %d", data[version], format[version])
	}
	end := len(data) - 4
	if crc32.ChecksumIEEE(data[:end]) != binary.LittleEndian.Uint32(data[end:]) {
		return errors.New("expected data with its checksum, found other: it is damaged or cut off")
	}
	text := data[len(format):end]
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if again, err := json.Marshal(v); err != nil || !bytes.Equal(again, text) {
		return errors.New("expected it as this version writes it, found it otherwise")
	}
	return nil
}
