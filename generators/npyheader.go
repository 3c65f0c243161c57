package generators

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// npyHeader is what the header of an NPY file says.
//
// It is parsed here and not by npyio, which is made for files of one's own: it panics on some
// damaged headers and expects the keys in one order.
type npyHeader struct {
	dtype   dtype
	fortran bool
	shape   []int
	size    int64 // bytes of the header, where the values start
}

// npyMagic starts every NPY file.
const npyMagic = "\x93NUMPY"

// longestNPYHeader is far more than a plain dtype and its shape need.
const longestNPYHeader = 1 << 16

func readNPYHeader(r io.Reader) (npyHeader, error) {
	lead := make([]byte, len(npyMagic)+2)
	if n, err := io.ReadFull(r, lead); err != nil || string(lead[:len(npyMagic)]) != npyMagic {
		return npyHeader{}, fmt.Errorf("expected an NPY file, which starts with %q, found %q", npyMagic, lead[:n])
	}
	length, width, err := readNPYHeaderLength(r, lead[len(npyMagic)])
	if err != nil {
		return npyHeader{}, err
	}
	text := make([]byte, length)
	if n, err := io.ReadFull(r, text); err != nil {
		return npyHeader{}, fmt.Errorf("expected an NPY header of %d bytes, found %d: the file is truncated", length, n)
	}
	header, err := parseNPYHeader(string(text))
	header.size = int64(len(lead) + width + length)
	if err != nil {
		return npyHeader{}, fmt.Errorf("NPY header %q: %w", strings.TrimSpace(string(text)), err)
	}
	return header, nil
}

// readNPYHeaderLength also returns the width of the length field, which depends on the version of
// the format.
func readNPYHeaderLength(r io.Reader, version byte) (length, width int, err error) {
	switch version {
	case 1:
		width = 2
	case 2, 3:
		width = 4
	default:
		return 0, 0, fmt.Errorf("expected version 1, 2 or 3 of the NPY format, found %d", version)
	}
	var field [4]byte
	if _, err := io.ReadFull(r, field[:width]); err != nil {
		return 0, 0, fmt.Errorf("expected the length of the NPY header: %w", err)
	}
	n := binary.LittleEndian.Uint32(field[:])
	if n > longestNPYHeader {
		return 0, 0, fmt.Errorf("expected an NPY header of at most %d bytes, found %d", longestNPYHeader, n)
	}
	return int(n), width, nil
}

// valueBytes is how many bytes of values follow the header.
func (h npyHeader) valueBytes() (int64, error) {
	n, ok := volume(append([]int{h.dtype.size}, h.shape...)...)
	if !ok || n == 0 {
		return 0, fmt.Errorf("shape %v: expected at least one value and a size that fits a file", h.shape)
	}
	return n, nil
}

// parseNPYHeader parses the Python dictionary of a header:
// {'descr': '|u1', 'fortran_order': False, 'shape': (500, 28, 28), }.
func parseNPYHeader(text string) (npyHeader, error) {
	var h npyHeader
	p := pythonText{rest: text}
	if err := p.expect("{"); err != nil {
		return h, err
	}
	seen := map[string]bool{}
	for !p.skip("}") {
		key, err := p.quoted()
		if err != nil {
			return h, err
		}
		if err := p.expect(":"); err != nil {
			return h, err
		}
		if err := p.entry(key, &h); err != nil {
			return h, fmt.Errorf("%s: %w", key, err)
		}
		seen[key] = true
		if !p.skip(",") && !p.at("}") {
			return h, fmt.Errorf("expected , or } at %q", p.rest)
		}
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return h, fmt.Errorf("expected the key %q", key)
		}
	}
	return h, nil
}

// pythonText is the part of a Python literal that is yet to be parsed.
type pythonText struct{ rest string }

func (p *pythonText) at(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	return strings.HasPrefix(p.rest, token)
}

func (p *pythonText) skip(token string) bool {
	found := p.at(token)
	if found {
		p.rest = p.rest[len(token):]
	}
	return found
}

func (p *pythonText) expect(token string) error {
	if !p.skip(token) {
		return fmt.Errorf("expected %s at %q", token, p.rest)
	}
	return nil
}

func (p *pythonText) entry(key string, h *npyHeader) (err error) {
	switch key {
	case "descr":
		h.dtype, err = p.dtype()
	case "fortran_order":
		h.fortran, err = p.boolean()
	case "shape":
		h.shape, err = p.tuple()
	default:
		err = fmt.Errorf("expected descr, fortran_order or shape")
	}
	return err
}

func (p *pythonText) quoted() (string, error) {
	for _, quote := range []string{"'", `"`} {
		if !p.skip(quote) {
			continue
		}
		text, rest, ok := strings.Cut(p.rest, quote)
		if !ok {
			return "", fmt.Errorf("expected a closing quote in %q", p.rest)
		}
		p.rest = rest
		return text, nil
	}
	return "", fmt.Errorf("expected a quoted word at %q", p.rest)
}

func (p *pythonText) dtype() (dtype, error) {
	if p.at("[") {
		return dtype{}, fmt.Errorf("expected plain numbers, found a structured type")
	}
	descr, err := p.quoted()
	if err != nil {
		return dtype{}, err
	}
	return parseDtype(descr)
}

func (p *pythonText) boolean() (bool, error) {
	switch {
	case p.skip("True"):
		return true, nil
	case p.skip("False"):
		return false, nil
	}
	return false, fmt.Errorf("expected True or False at %q", p.rest)
}

func (p *pythonText) tuple() ([]int, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var dims []int
	for !p.skip(")") {
		p.at("") // skips space
		end := strings.IndexFunc(p.rest, func(r rune) bool { return r < '0' || r > '9' })
		d, err := strconv.Atoi(p.rest[:max(end, 0)])
		if err != nil {
			return nil, fmt.Errorf("expected a dimension at %q", p.rest)
		}
		dims, p.rest = append(dims, d), strings.TrimPrefix(p.rest[end:], "L") // 28L by Python 2
		if !p.skip(",") && !p.at(")") {
			return nil, fmt.Errorf("expected , or ) at %q", p.rest)
		}
	}
	return dims, nil
}
