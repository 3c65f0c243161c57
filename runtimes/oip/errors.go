package oip

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of errors that a server gives, for errors.Is. Each error says what was expected and what was found too.
var (
	// ErrUnavailable: the server could not be reached, broke the connection, or said that it cannot answer now, in all attempts.
	ErrUnavailable = errors.New("server is not available")
	// ErrNoModel: the server has no model, or no version of it, of that name.
	ErrNoModel = errors.New("no such model")
	// ErrNotReady: the server has the model, and has not loaded it.
	ErrNotReady = errors.New("model is not ready")
	// ErrRefused: the server took a request for a mistake, such as a shape that the model does not take.
	ErrRefused = errors.New("request refused")
	// ErrTimeout: there was no answer in the time of the option [Timeout].
	ErrTimeout = errors.New("no answer in time")
)

// kindError is an error of one of the kinds, with a text of its own.
type kindError struct {
	kind error
	text string
}

func (e *kindError) Error() string { return e.text }
func (e *kindError) Unwrap() error { return e.kind }

func kindf(kind error, format string, args ...any) error {
	return &kindError{kind, fmt.Sprintf(format, args...)}
}

// oneLine is the beginning of a text of a server, on one line.
func oneLine(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	if text == "" {
		return "no message"
	}
	return text
}
