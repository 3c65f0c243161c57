package dossier

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestNothingIsLostOnTheWay(t *testing.T) {
	type inner struct {
		Kept  int `json:"-"`
		Where *float64
	}
	type all struct {
		B             bool
		S, Odd        string
		I             int64
		U             uint64
		F             float32
		D             []float64
		Floats, Nones []float32
		P, Nil        *inner
		List, Empty   []inner
		NoList        []inner
		Array         [2]int
		M, NoM        map[int]string
		T             time.Time
		L             time.Duration
	}
	zero := 0.0
	want := all{
		B: true, S: "ä \"x\"", Odd: "\xff\x00", I: math.MinInt64, U: math.MaxUint64, F: math.SmallestNonzeroFloat32,
		D:      []float64{math.NaN(), math.Inf(-1), math.Copysign(0, -1), 0.1, math.MaxFloat64},
		Floats: []float32{float32(math.NaN()), 0.1, float32(math.Inf(1))}, Nones: []float32{},
		P: &inner{Kept: 7, Where: &zero}, List: []inner{{1, nil}, {}}, Empty: []inner{}, Array: [2]int{3, 4}, M: map[int]string{-1: "x", 2: ""},
		T: time.Date(2027, 1, 31, 23, 59, 58, 987654321, time.UTC), L: time.Hour,
	}
	data, err := encodeFaithfully(want)
	if err != nil {
		t.Fatal(err)
	}
	var got all
	if err := decodeFaithfully(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	if math.Signbit(got.D[2]) != true {
		t.Error("the sign of a zero is lost")
	}
	for _, bad := range []any{struct{ hidden int }{1}, struct{ F func() }{func() {}}, struct{ A any }{1}} {
		if _, err := encodeFaithfully(bad); err == nil || !strings.Contains(err.Error(), "cannot be handed over") {
			t.Errorf("%T: error %v", bad, err)
		}
	}
	for text, into := range map[string]any{
		`{"B": 1}`: new(struct{ B bool }), `{"B": "x"}`: new(struct{ B []float32 }), `{"B": []}`: new(struct{ B *int }), `{"B": [[1]]}`: new(struct{ B map[string]int }),
		`{"B": 300}`: new(struct{ B int8 }), `{"B": -1}`: new(struct{ B uint }), `{"B": "x!"}`: new(struct{ B string }), `{"B": [1]}`: new(struct{ B [2]int }),
		`{"B": "1.0.0"}`: new(struct{ B float64 }), `[]`: new(struct{ B int }), `{`: new(struct{}), `{"B": {}}`: new(struct{ B []int }), `{"B": "then"}`: new(struct{ B time.Time }),
	} {
		if err := decodeFaithfully([]byte(text), into); err == nil {
			t.Errorf("%s is read as %+v", text, into)
		}
	}
}
