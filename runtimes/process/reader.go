package process

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

// reader reads the messages of a program. It keeps nothing that is not bounded.
type reader struct{ *bufio.Reader }

func newReader(from io.Reader) *reader { return &reader{bufio.NewReaderSize(from, 64<<10)} }

// errEnded: the program closed its standard output.
var errEnded = errors.New("the program ended")

// line reads one line, without its end. Less than one is errEnded.
func (r *reader) line() ([]byte, error) {
	var long []byte
	for {
		part, err := r.ReadSlice('\n')
		switch {
		case err == nil && long == nil:
			return part[:len(part)-1], nil
		case err == nil:
			long = append(long, part...)
			return long[:len(long)-1], nil
		case errors.Is(err, bufio.ErrBufferFull) && len(long) < mostLine:
			long = append(long, part...)
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("expected a line of JSON of at most %d MiB on standard output, found a longer one that begins with %s", mostLine>>20, quote(long))
		case len(long)+len(part) > 0:
			return nil, fmt.Errorf("%w after the beginning %s of a line", errEnded, quote(append(long, part...)))
		default:
			return nil, errEnded
		}
	}
}

// message reads a line of JSON. What is what it should be, for errors.
func (r *reader) message(what string, to any) error {
	line, err := r.line()
	if err != nil {
		return err
	}
	rubbish := func(why string) error {
		return fmt.Errorf("expected %s, one line of JSON, on standard output, found %s%s; a program that speaks the protocol prints everything else to standard error", what, quote(line), why)
	}
	if text := bytes.TrimSpace(line); len(text) == 0 || text[0] != '{' {
		return rubbish("")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return rubbish(": " + strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return rubbish(": more than one value")
	}
	return nil
}

// quote shows the beginning of what was found.
func quote(found []byte) string {
	if len(found) > 120 {
		return strconv.Quote(string(found[:120])) + "…"
	}
	return strconv.Quote(string(found))
}

// greeting reads what the program says first.
func (r *reader) greeting() (*greeting, error) {
	line, err := r.line()
	if err != nil {
		return nil, err
	}
	// The version is looked at first: another one may have other fields.
	var version struct {
		Version int `json:"triggerfinder"`
	}
	again := newReader(io.MultiReader(bytes.NewReader(line), strings.NewReader("\n")))
	if json.Unmarshal(line, &version) == nil && version.Version > 0 && version.Version != Version {
		return nil, fmt.Errorf("expected version %d of the protocol, found %d", Version, version.Version)
	}
	g := &greeting{}
	if err := again.message("a greeting", g); err != nil {
		return nil, err
	}
	if g.Version != Version {
		return nil, fmt.Errorf(`expected a greeting with "triggerfinder": %d, the version of the protocol, found %s`, Version, quote(line))
	}
	if err := g.check(); err != nil {
		return nil, fmt.Errorf("greeting: %w", err)
	}
	return g, nil
}

// wanted is an output that is asked for. Without Data it is read into memory of its own.
type wanted struct {
	name string
	predictor.Memory
}

// toldError is an error that the program answered.
type toldError struct{ text string }

func (e toldError) Error() string { return "the program answered an error: " + e.text }

// answer reads the answer to the question of this number into the wanted outputs.
func (r *reader) answer(id uint64, outputs []described, into []wanted) error {
	var head reply
	if err := r.message(fmt.Sprintf("the answer to question %d", id), &head); err != nil {
		return err
	}
	if head.ID != id {
		return fmt.Errorf("expected the answer to question %d, found one to %d", id, head.ID)
	}
	if head.Error != nil {
		return toldError{*head.Error}
	}
	if len(head.Outputs) != len(outputs) {
		return fmt.Errorf("expected an answer with the %d outputs of the greeting, found %d", len(outputs), len(head.Outputs))
	}
	for i := range head.Outputs {
		t := &head.Outputs[i]
		if err := r.output(t, head.Outputs[:i], outputs, into); err != nil {
			if errors.Is(err, errEnded) {
				return err
			}
			return fmt.Errorf("output %q of an answer: %w", t.Name, err)
		}
	}
	var end closing
	if err := r.message(fmt.Sprintf(`{"end":%d} after the numbers of an answer`, id), &end); err != nil {
		return err
	}
	if end.End == nil || *end.End != id {
		return fmt.Errorf(`expected {"end":%d} after the numbers of an answer, found another line of JSON`, id)
	}
	return nil
}

// output reads one tensor of an answer.
func (r *reader) output(t *tensor, before []tensor, outputs []described, into []wanted) error {
	at := slices.IndexFunc(outputs, func(o described) bool { return o.Name == t.Name })
	if at < 0 || slices.ContainsFunc(before, func(o tensor) bool { return o.Name == t.Name }) {
		return errors.New("expected each output of the greeting once, found an unknown one, or one twice")
	}
	said := &outputs[at]
	n, err := t.bytes()
	if err != nil {
		return err
	}
	if t.Type != said.Type {
		return fmt.Errorf("expected %s, as in the greeting, found %s", said.Type, t.Type)
	}
	fits := len(t.Shape) == len(said.Shape)
	for i := 0; fits && i < len(t.Shape); i++ {
		fits = said.Shape[i].size == 0 || said.Shape[i].size == t.Shape[i]
	}
	if !fits {
		return fmt.Errorf("expected a shape as in the greeting, %s, found %v", shapeText(said.Shape), t.Shape)
	}
	for i := range into {
		w := &into[i]
		if w.name != t.Name {
			continue
		}
		if w.Data == nil {
			w.Shape = t.Shape
			w.Data, err = r.numbers(n)
			return err
		}
		if !slices.Equal(w.Shape, t.Shape) {
			return fmt.Errorf("expected the shape %v, found %v", w.Shape, t.Shape)
		}
		return r.fill(w.Data)
	}
	_, err = io.CopyN(io.Discard, r, n)
	return ended(err)
}

// numbers reads so many bytes, into memory that grows as they come.
func (r *reader) numbers(n int64) ([]byte, error) {
	var b bytes.Buffer
	_, err := io.CopyN(&b, r, n)
	if b.Len() == 0 {
		return []byte{}, ended(err)
	}
	return b.Bytes(), ended(err)
}

func (r *reader) fill(data []byte) error {
	_, err := io.ReadFull(r, data)
	return ended(err)
}

// ended is an error of reading numbers.
func ended(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w among the numbers of an answer", errEnded)
}
