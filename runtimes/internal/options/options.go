// Package options is what the options of other runtimes have in common: each is one of package onnx, or sets something that the runtime alone
// has, for both models of a pair or for one of them.
package options

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// Side is the model that options are about, in the words of package bridge.
type Side string

// The sides.
const (
	Alone      Side = "model"
	Original   Side = "original"
	Compressed Side = "compressed"
	Both       Side = "" // of a pair, or the only one
)

// Collected are options of package onnx, and what those of a runtime add up to for each model.
type Collected[S any] struct {
	Shared   []onnx.Option
	Settings map[Side]*S
	sided    []func() // of one side, to be done last
}

// Option is an option of a runtime with the settings S.
type Option[S any] interface {
	Collect(runtime string, c *Collected[S], s Side) error
}

// Collect sorts options. Runtime is the name of its package, which begins errors.
func Collect[S any](runtime string, list []Option[S]) (*Collected[S], error) {
	c := &Collected[S]{Settings: map[Side]*S{Alone: new(S), Original: new(S), Compressed: new(S)}}
	for i, o := range list {
		if o == nil {
			return nil, fmt.Errorf("%s: option %d: expected an option, found nil", runtime, i+1)
		}
		if err := o.Collect(runtime, c, Both); err != nil {
			return nil, err
		}
	}
	for _, set := range c.sided {
		set()
	}
	return c, nil
}

// Shared is an option of package onnx.
type Shared[S any] struct{ onnx.Option }

// Collect implements [Option].
func (o Shared[S]) Collect(_ string, c *Collected[S], s Side) error {
	switch s {
	case Original:
		c.Shared = append(c.Shared, onnx.Original(o.Option))
	case Compressed:
		c.Shared = append(c.Shared, onnx.Compressed(o.Option))
	default:
		c.Shared = append(c.Shared, o.Option)
	}
	return nil
}

// Own is an option of the runtime.
type Own[S any] func(*S) error

// Collect implements [Option].
func (o Own[S]) Collect(_ string, c *Collected[S], s Side) error {
	if err := o(new(S)); err != nil {
		return err
	}
	if s != Both {
		c.sided = append(c.sided, func() { _ = o(c.Settings[s]) })
		return nil
	}
	for _, all := range c.Settings {
		_ = o(all)
	}
	return nil
}

// Sided are options for one model of a pair.
type Sided[S any] struct {
	Side    Side
	Options []Option[S]
}

// Collect implements [Option].
func (o Sided[S]) Collect(runtime string, c *Collected[S], s Side) error {
	title := map[Side]string{Original: "Original", Compressed: "Compressed"}[o.Side]
	if s != Both {
		return fmt.Errorf("%s: option %s: expected plain options inside Original and Compressed, found another of them", runtime, title)
	}
	empty := onnx.Original()
	if o.Side == Compressed {
		empty = onnx.Compressed()
	}
	c.Shared = append(c.Shared, empty) // so that a model that is opened alone refuses it
	for _, inner := range o.Options {
		if inner == nil {
			return fmt.Errorf("%s: option of the %s model: expected an option, found nil", runtime, o.Side)
		}
		if err := inner.Collect(runtime, c, o.Side); err != nil {
			return err
		}
	}
	return nil
}

// For are options about one input of the model.
func For[S any](runtime, target string, list []Option[S]) Option[S] {
	var inner []onnx.Option
	for i, o := range list {
		one, ok := o.(Shared[S])
		if !ok {
			return Own[S](func(*S) error {
				return fmt.Errorf("%s: option For(%q): expected options about the numbers of one input, found another one in place %d", runtime, target, i+1)
			})
		}
		inner = append(inner, one.Option)
	}
	return Shared[S]{onnx.For(target, inner...)}
}
