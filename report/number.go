package report

import (
	"encoding/json"
	"fmt"
	"math"
)

// JSON has no words for NaN and the infinities. They are written as strings, so that a strange
// number never keeps a trigger from being saved.

// number32 is a float32 that JSON can always hold.
type number32 float32

// MarshalJSON implements [json.Marshaler].
func (n number32) MarshalJSON() ([]byte, error) {
	if s, ok := nonFinite(float64(n)); ok {
		return json.Marshal(s)
	}
	return json.Marshal(float32(n))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number32) UnmarshalJSON(data []byte) error {
	if v, ok, err := parseNonFinite(data); ok || err != nil {
		*n = number32(v)
		return err
	}
	return json.Unmarshal(data, (*float32)(n))
}

// number64 is a float64 that JSON can always hold.
type number64 float64

// MarshalJSON implements [json.Marshaler].
func (n number64) MarshalJSON() ([]byte, error) {
	if s, ok := nonFinite(float64(n)); ok {
		return json.Marshal(s)
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number64) UnmarshalJSON(data []byte) error {
	if v, ok, err := parseNonFinite(data); ok || err != nil {
		*n = number64(v)
		return err
	}
	return json.Unmarshal(data, (*float64)(n))
}

func nonFinite(v float64) (string, bool) {
	switch {
	case math.IsNaN(v):
		return "NaN", true
	case math.IsInf(v, 1):
		return "Infinity", true
	case math.IsInf(v, -1):
		return "-Infinity", true
	}
	return "", false
}

// parseNonFinite reads a JSON string; ok is false for anything else.
func parseNonFinite(data []byte) (v float64, ok bool, err error) {
	if len(data) == 0 || data[0] != '"' {
		return 0, false, nil
	}
	switch string(data) {
	case `"NaN"`:
		return math.NaN(), true, nil
	case `"Infinity"`:
		return math.Inf(1), true, nil
	case `"-Infinity"`:
		return math.Inf(-1), true, nil
	}
	return 0, true, fmt.Errorf(`number %s: expected a number, "NaN", "Infinity" or "-Infinity"`, data)
}
