package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseHeader parses the Python dictionary of a header, with its keys in any order:
// {'descr': '|u1', 'fortran_order': False, 'shape': (500, 28, 28), }.
func parseHeader(text string) (Header, error) {
	var h Header
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
		if seen[key] {
			return h, fmt.Errorf("%s: expected the key once, found it twice", key)
		}
		if err := p.entry(key, &h); err != nil {
			return h, fmt.Errorf("%s: %w", key, err)
		}
		seen[key] = true
		if !p.skip(",") && !p.at("}") {
			return h, fmt.Errorf("expected , or } at %q", p.rest)
		}
	}
	if p.at(""); p.rest != "" {
		return h, fmt.Errorf("expected nothing behind }, found %q", p.rest)
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

// at reports whether the token comes next, behind space, which it drops.
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

func (p *pythonText) entry(key string, h *Header) (err error) {
	switch key {
	case "descr":
		h.DType, h.BigEndian, err = p.descr()
	case "fortran_order":
		h.Fortran, err = p.boolean()
	case "shape":
		h.Shape, err = p.tuple()
	default:
		err = errors.New("expected descr, fortran_order or shape")
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

func (p *pythonText) descr() (d DType, bigEndian bool, err error) {
	if p.at("[") {
		return "", false, errors.New("expected plain numbers, found a structured type")
	}
	text, err := p.quoted()
	if err != nil {
		return "", false, err
	}
	return parseDescr(text)
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
		p.at("") // drops space
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
