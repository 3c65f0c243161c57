package oip

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/triggerfinder/triggerfinder/internal/half"
	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// appendNumbers writes the numbers of a tensor as a JSON list. Numbers that JSON has no words for are an error.
func appendNumbers(text []byte, t tensor) ([]byte, error) {
	e := datatypes[t.datatype]
	text = append(text, '[')
	for i := range len(t.data) / e.Size() {
		if i > 0 {
			text = append(text, ',')
		}
		switch e {
		case predictor.Bool:
			text = strconv.AppendBool(text, t.data[i] != 0)
		case predictor.Int64:
			text = strconv.AppendInt(text, int64(binary.LittleEndian.Uint64(t.data[i*8:])), 10)
		default:
			v := numberAt(e, t.data, i)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, kindf(ErrRefused, "expected finite numbers for the input %q, as JSON has no others, found %v; oip.GRPC and oip.RESTBinary send any", t.name, v)
			}
			switch e {
			case predictor.Float64:
				text = strconv.AppendFloat(text, v, 'g', -1, 64)
			case predictor.Float32, predictor.Float16, predictor.Bfloat16:
				text = strconv.AppendFloat(text, v, 'g', -1, 32)
			default:
				text = strconv.AppendInt(text, int64(v), 10)
			}
		}
	}
	return append(text, ']'), nil
}

// readNumbers reads the numbers of a JSON list, nested or flat, as bytes of a tensor. KServe writes null for NaN.
func readNumbers(e predictor.Element, text []byte) ([]byte, error) {
	var data []byte
	for len(text) > 0 {
		if bytes.IndexByte([]byte("[], \t\r\n"), text[0]) >= 0 {
			text = text[1:]
			continue
		}
		n := bytes.IndexAny(text, "[], \t\r\n")
		if n < 0 {
			n = len(text)
		}
		var err error
		if data, err = appendNumber(data, e, string(text[:n])); err != nil {
			return nil, err
		}
		text = text[n:]
	}
	return data, nil
}

func appendNumber(data []byte, e predictor.Element, word string) ([]byte, error) {
	wrong := func() ([]byte, error) {
		return nil, fmt.Errorf("expected a number of %s, found %.40q", datatypeOf(e), word)
	}
	switch e {
	case predictor.Float32, predictor.Float64, predictor.Float16, predictor.Bfloat16:
		v := math.NaN()
		if word != "null" {
			bits := 64
			if e == predictor.Float32 {
				bits = 32
			}
			var err error
			if v, err = strconv.ParseFloat(word, bits); err != nil && !math.IsInf(v, 0) {
				return wrong()
			}
		}
		switch e {
		case predictor.Float64:
			return binary.LittleEndian.AppendUint64(data, math.Float64bits(v)), nil
		case predictor.Float16:
			return binary.LittleEndian.AppendUint16(data, half.FromFloat32(float32(v))), nil
		case predictor.Bfloat16:
			return binary.LittleEndian.AppendUint16(data, uint16(math.Float32bits(float32(v))>>16)), nil
		}
		return binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v))), nil
	case predictor.Bool:
		switch word {
		case "true", "1":
			return append(data, 1), nil
		case "false", "0":
			return append(data, 0), nil
		}
		return wrong()
	}
	bits := 8 * e.Size()
	v, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		f, e := strconv.ParseFloat(word, 64)
		if e != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
			return wrong()
		}
		v = int64(f) // such as 3.0
	}
	least, most := int64(-1)<<(bits-1), int64(1)<<(bits-1)-1
	if e == predictor.Uint8 {
		least, most = 0, math.MaxUint8
	}
	if v < least || v > most {
		return wrong()
	}
	switch bits {
	case 8:
		return append(data, byte(v)), nil
	case 16:
		return binary.LittleEndian.AppendUint16(data, uint16(v)), nil
	case 32:
		return binary.LittleEndian.AppendUint32(data, uint32(v)), nil
	}
	return binary.LittleEndian.AppendUint64(data, uint64(v)), nil
}
