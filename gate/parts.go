package gate

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// checkPart refuses a part of a measurement that does not consist of whole chunks.
func checkPart(what string, from, to, all int) error {
	if from < 0 || to <= from || to > all || from%chunk != 0 || to%chunk != 0 && to != all {
		return fmt.Errorf("part from %d to %d: expected multiples of %d from 0 to %d, or that as its end, as %s are evaluated so many at a time", from, to, chunk, all, what)
	}
	return nil
}

// chunks are those of parts of a measurement. They come in any order, some of them several times, and leave once, in their own order.
type chunks[T any] struct {
	waiting map[int]T
	sums    map[int][8]byte // of all that came
	next    int             // the first that has not left
}

// add takes a chunk. One that came before has to be the same, which sum tells.
func (c *chunks[T]) add(index int, content T, sum []byte) error {
	hash := [8]byte(hash(sum))
	if before, there := c.sums[index]; there {
		if before != hash {
			return fmt.Errorf("%d to %d are there twice with different results; expected the same: do the models answer alike on all machines?",
				index*chunk, (index+1)*chunk-1)
		}
		return nil
	}
	if c.sums == nil {
		c.sums, c.waiting = map[int][8]byte{}, map[int]T{}
	}
	c.sums[index], c.waiting[index] = hash, content
	return nil
}

// each calls do with those whose turn it is, until it has enough.
func (c *chunks[T]) each(do func(T) (enough bool, err error)) error {
	for {
		content, there := c.waiting[c.next]
		if !there {
			return nil
		}
		delete(c.waiting, c.next)
		c.next++
		if enough, err := do(content); enough || err != nil {
			return err
		}
	}
}

func hash(data []byte) []byte {
	sum := sha256.Sum256(data)
	return sum[:8]
}

// differentPart is the first field in which two descriptions of a measurement differ; "" where they do not.
func differentPart(a, b any) string {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	if errX != nil || errY != nil || bytes.Equal(x, y) {
		return ""
	}
	var one, other map[string]json.RawMessage
	if json.Unmarshal(x, &one) != nil || json.Unmarshal(y, &other) != nil {
		return "it cannot be read"
	}
	var differ []string
	for name, value := range one {
		if !bytes.Equal(value, other[name]) {
			differ = append(differ, fmt.Sprintf("%s: %s and %s", name, value, other[name]))
		}
	}
	slices.Sort(differ)
	return strings.Join(differ[:min(1, len(differ))], "")
}

// idOf tells measurements apart: equal ones have the same.
func idOf(asked any) string {
	text, err := json.Marshal(asked)
	if err != nil {
		text = []byte(err.Error())
	}
	return hex.EncodeToString(hash(text))
}

// codedPart is how a part of a measurement is written.
type codedPart[A, C any] struct {
	Asked  A   `json:"asked"`
	From   int `json:"from"`
	Chunks []C `json:"chunks"`
}

func marshalAll[T encoding.BinaryMarshaler](values []T) ([][]byte, error) {
	var all [][]byte
	for _, v := range values {
		data, err := v.MarshalBinary()
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func unmarshalAll[T any, P interface {
	*T
	encoding.BinaryUnmarshaler
}](all [][]byte) ([]P, error) {
	if all != nil && len(all) == 0 {
		return nil, errors.New("expected a list or none, found an empty one")
	}
	var values []P
	for _, data := range all {
		v := P(new(T))
		if err := v.UnmarshalBinary(data); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}
