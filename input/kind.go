package input

import (
	"fmt"
	"strings"
)

// Kind says what the values of an input mean to each other, and so what fits it: a distance, operators, ways to make a trigger
// smaller, a picture. Whoever makes an input sets it; it is never guessed from a shape. A kind of one's own is any other
// name; see package distance for what can be said about it.
type Kind string

// The kinds that are known here.
const (
	Other  Kind = ""       // values of which nothing more is known
	Image  Kind = "image"  // [height, width, channels], or [height, width] for one channel
	Signal Kind = "signal" // [time], or [time, features]
	Row    Kind = "row"    // of a table: [columns]
	Tokens Kind = "tokens" // numbers of tokens, or bytes: [length]
)

// String is the kind's name, "other" for [Other].
func (k Kind) String() string {
	if k == Other {
		return "other"
	}
	return string(k)
}

// ParseKind is the kind of that name, see [Kind.String]: letters, digits and hyphens.
func ParseKind(name string) (Kind, error) {
	if name == Other.String() {
		return Other, nil
	}
	if name == "" || strings.IndexFunc(name, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) >= 0 {
		return Other, fmt.Errorf("expected image, signal, row, tokens, other or a name of small letters, digits and hyphens, found %q", name)
	}
	return Kind(name), nil
}
