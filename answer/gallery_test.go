package answer_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
	"pgregory.net/rapid"
)

// What an embedding finds in a gallery: another article is a deviation.
func ExampleNearestNeighbour() {
	shop := model.Must(answer.NearestNeighbour(answer.Gallery{
		Vectors: [][]float32{{1, 0}, {0.8, 0.6}, {0, 1}}, Names: []string{"boot-1", "boot-2", "coat-1"}, Labels: []string{"boot", "boot", "coat"},
	}))
	original, other, another := answer.Of(0.95, 0.1), answer.Of(0.9, 0.6), answer.Of(0.3, 0.9)
	fmt.Println(shop.Judge(original, other).Deviates, shop.Judge(original, another).Deviates)
	fmt.Println(answer.DeviationOf(shop, original, another).In(nil))
	// Output:
	// false true
	// boot (boot-1) → coat (coat-1)
}

// Whether it is the same person, by the distance to what is known of her.
func ExampleVerification() {
	door := model.Must(answer.Verification(answer.References{Vectors: [][]float32{{1, 0}, {0, 1}}, Names: []string{"anna", "ben"}, At: 0.2}))
	original, compressed := answer.Of(0.9, 0.5), answer.Of(0.7, 0.6)
	fmt.Println(door.Judge(original, compressed).Deviates)
	fmt.Println(answer.DeviationOf(door, original, compressed).In(nil))
	// Output:
	// true
	// anna (at 0.12584) → not anna (at 0.24074, across 0.2)
}

// grid are entries on a line, by their place.
func grid(at ...float32) [][]float32 {
	rows := make([][]float32, len(at))
	for i, x := range at {
		rows[i] = []float32{x, 0}
	}
	return rows
}

func TestNearestNeighbour(t *testing.T) {
	make := func(g answer.Gallery) answer.Oracle { return model.Must(answer.NearestNeighbour(g)) }
	line := make(answer.Gallery{Vectors: grid(0, 4, 16), By: answer.L2Distance})
	labels := make(answer.Gallery{Vectors: grid(0, 4, 16), By: answer.L2Distance, Labels: []string{"shoe", "shoe", "coat"}, Names: []string{"a", "", "c"}})
	itself := make(answer.Gallery{Vectors: grid(0, 4, 5, 16), By: answer.L2Distance, Labels: []string{"me", "shoe", "coat", "coat"}, Itself: 1})
	apart := make(answer.Gallery{Vectors: grid(0, 4), By: answer.L2Distance, Apart: 1})
	own := make(answer.Gallery{Vectors: grid(0, 4), Compressed: [][]float32{{100}, {104}}, By: answer.L2Distance, Name: "faces"})
	twins := make(answer.Gallery{Vectors: grid(0, 0, 4), By: answer.L2Distance, Names: []string{"a", "b", "c"}})
	cosine := make(answer.Gallery{Vectors: [][]float32{{1, 0}, {0, 3}}, Output: "boxes"})
	runOracleCases(t, []oracleCase{
		{"the same", line, answer.Of(0, 0), answer.Of(1, 0), 2, "", ""},
		{"nearly another", line, answer.Of(0, 0), answer.Of(1.75, 0), 0.5, "", ""},
		{"in the middle", line, answer.Of(0, 0), answer.Of(2, 0), 1e-9, "", ""},
		{"another", line, answer.Of(0, 0), answer.Of(5, 0), 0, "entry 0 → entry 1", "another neighbour"},
		{"another of the same label", labels, answer.Of(0, 0), answer.Of(5, 0), 10, "", ""},
		{"of another label", labels, answer.Of(5, 0), answer.Of(15, 0), 0, "shoe (entry 1) → coat (c)", "shoe → coat"},
		{"back", labels, answer.Of(15, 0), answer.Of(0, 0), 0, "coat (c) → shoe (a)", "coat → shoe"},
		{"the item itself does not count", itself, answer.Of(1, 0), answer.Of(1.25, 0), 1, "", ""},
		{"nor where the compressed model is nearer to it", itself, answer.Of(1, 0), answer.Of(-1, 0), 1, "", ""},
		{"without the item itself", itself, answer.Of(1, 0), answer.Of(5, 0), 0, "shoe (entry 1) → coat (entry 2)", "shoe → coat"},
		{"not so near as to be itself", itself, answer.Of(1.5, 0), answer.Of(-1, 0), 1, "", ""},
		{"nearer, but not by enough", apart, answer.Of(1, 0), answer.Of(2.25, 0), 0.5, "", ""},
		{"nearer by enough", apart, answer.Of(1, 0), answer.Of(3, 0), 0, "entry 0 → entry 1", "another neighbour"},
		{"each model in a gallery of its own", own, answer.Of(1, 0), answer.Of(101), 2, "", ""},
		{"another one in it", own, answer.Of(1, 0), answer.Of(103), 0, "entry 0 → entry 1", "another neighbour"},
		{"either of twins is right", twins, answer.Of(0, 0), answer.Of(1, 0), 1e-9, "", ""},
		{"not a twin", twins, answer.Of(0, 0), answer.Of(3, 0), 0, "a → c", "another neighbour"},
		{"two entries of one name", make(answer.Gallery{Vectors: grid(0, 4), Names: []string{"a", "a"}, By: answer.L2Distance}), answer.Of(0, 0), answer.Of(4, 0), 0,
			"a, entry 0 → a, entry 1", "another neighbour"},
		{"the direction counts", cosine, priced(1, 0, 5), priced(1, 3, 4), 0.2, "", ""},
		{"no direction", cosine, priced(1, 0, 5), priced(1, 0, 0), 1e-9, "", ""},
	})
	for text, oracle := range map[string]answer.Oracle{
		"nearest in 3 vectors adfa1d65, by l2":                        line,
		"label of the nearest in 4 vectors 555b35f4, by l2, itself 1": itself, "nearest in faces, by l2": own,
	} {
		if oracle.String() != text {
			t.Errorf("%q; expected %q", oracle, text)
		}
	}
	runRefusals(t, []refusal{
		{line, answer.Of(1, 2, 3), answer.Of(1, 2), "expected a vector of 2 numbers, as those that it is compared with, found 3 numbers of the original"},
		{own, answer.Of(1, 2), answer.Of(1, 2), "expected a vector of 1 numbers, as those that it is compared with, found 2 numbers of the compressed model"},
		{cosine, answer.Of(1, 2), answer.Of(1, 2), `expected the output "boxes"`},
	})
	for _, test := range []struct {
		g    answer.Gallery
		says string
	}{
		{answer.Gallery{}, "expected at least one vector, found none"},
		{answer.Gallery{Vectors: grid(1)}, "expected entries of which one may be another, found 1 of one label"},
		{answer.Gallery{Vectors: grid(1, 2), Labels: []string{"a", "a"}}, "found 2 of one label"},
		{answer.Gallery{Vectors: grid(1, 2), Labels: []string{"a"}}, "expected as many labels as vectors, 2, found 1"},
		{answer.Gallery{Vectors: grid(1, 2), Names: []string{}}, "expected as many names as vectors, 2, found 0"},
		{answer.Gallery{Vectors: [][]float32{{1, 2}, {1}}}, "vector 1: expected 2 numbers as in vector 0, found 1"},
		{answer.Gallery{Vectors: [][]float32{{}}}, "expected vectors of at least one number, found none"},
		{answer.Gallery{Vectors: grid(1, float32(math.NaN()))}, "vector 1: expected finite numbers, found NaN or infinity"},
		{answer.Gallery{Vectors: grid(1, 2), Compressed: grid(1)}, "expected as many vectors of both models, found 2 and 1"},
		{answer.Gallery{Vectors: grid(1, 2), Compressed: [][]float32{{1}, {1, 2}}}, "vector 1 of the compressed model: expected 1 numbers"},
		{answer.Gallery{Vectors: grid(1, 2), By: "l1"}, `expected the distance cosine or l2, found "l1"`},
		{answer.Gallery{Vectors: grid(1, 2), Itself: -1}, "expected 0 or more for what is the item itself, found -1"},
		{answer.Gallery{Vectors: grid(1, 2), Apart: -1}, "expected to be apart by 0 or more, found -1"},
		{answer.Gallery{Vectors: grid(1, 2), Name: "a\nb"}, "expected a short name of one line"},
	} {
		if o, err := answer.NearestNeighbour(test.g); err == nil || o != nil || !strings.HasPrefix(err.Error(), "answer: NearestNeighbour: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: error %v; expected %q", test.g, err, test.says)
		}
	}
	checkAllocations(t, labels, answer.Of(0, 0), answer.Of(5, 0))
	checkAllocations(t, itself, answer.Of(1, 0), answer.Of(5, 0))
	if answer.DeciderOf(itself) != nil || answer.DeciderOf(apart) != nil || answer.DeciderOf(own) == nil {
		t.Error("a decider is told wrongly")
	}
}

func TestVerification(t *testing.T) {
	make := func(r answer.References) answer.Oracle { return model.Must(answer.Verification(r)) }
	one := make(answer.References{Vectors: grid(0), At: 2, By: answer.L2Distance})
	people := make(answer.References{Vectors: grid(0, 8, 16), Names: []string{"anna", "ben", "anna"}, At: 2, By: answer.L2Distance, Name: "staff"})
	apart := make(answer.References{Vectors: grid(0), At: 2, By: answer.L2Distance, Apart: 1})
	own := make(answer.References{Vectors: grid(0), Compressed: [][]float32{{100}}, At: 2, By: answer.L2Distance})
	runOracleCases(t, []oracleCase{
		{"the same", one, answer.Of(0, 0), answer.Of(1, 0), 1, "", ""},
		{"both others", one, answer.Of(5, 0), answer.Of(2.5, 0), 0.5, "", ""},
		{"on the threshold is another", one, answer.Of(2, 0), answer.Of(2.5, 0), 1e-9, "", ""},
		{"no longer", one, answer.Of(1, 0), answer.Of(3, 0), 0, "reference 0 (at 1) → not reference 0 (at 3, across 2)", "no longer reference 0"},
		{"taken for", one, answer.Of(3, 0), answer.Of(1, 0), 0, "not reference 0 (at 3) → reference 0 (at 1, across 2)", "taken for reference 0"},
		{"any of the person's", people, answer.Of(0, 0), answer.Of(16, 0), 2, "", ""},
		{"the worst of several persons", people, answer.Of(1, 0), answer.Of(8, 0), 0, "not ben (at 7) → ben (at 0, across 2)", "taken for ben"},
		{"not far enough apart", apart, answer.Of(1.75, 0), answer.Of(2.25, 0), 0.5, "", ""},
		{"each model compares with its own", own, answer.Of(1, 0), answer.Of(103), 0, "reference 0 (at 1) → not reference 0 (at 3, across 2)", "no longer reference 0"},
	})
	if people.String() != "same as in staff below 2, by l2" {
		t.Errorf("%v", people)
	}
	runRefusals(t, []refusal{{one, answer.Of(1, 2, 3), answer.Of(1, 2, 3), "expected a vector of 2 numbers"}})
	for _, test := range []struct {
		r    answer.References
		says string
	}{
		{answer.References{At: 1}, "expected at least one vector, found none"},
		{answer.References{Vectors: grid(1)}, "expected a distance above 0 below which it is the same, found 0"},
		{answer.References{Vectors: grid(1), At: 2}, "expected a cosine distance below 2, which is the largest, found 2"},
		{answer.References{Vectors: grid(1), At: 1, Names: []string{"a", "b"}}, "expected as many names as vectors, 1, found 2"},
		{answer.References{Vectors: grid(1), At: 1, Apart: math.Inf(1)}, "expected to be apart by 0 or more"},
		{answer.References{Vectors: grid(1), At: 1, By: "far"}, "expected the distance cosine or l2"},
		{answer.References{Vectors: grid(1), At: 1, Name: " "}, "expected a short name of one line"},
	} {
		if o, err := answer.Verification(test.r); err == nil || o != nil || !strings.HasPrefix(err.Error(), "answer: Verification: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: error %v; expected %q", test.r, err, test.says)
		}
	}
	checkAllocations(t, people, answer.Of(0, 0), answer.Of(16, 0))
}

func TestGradesOfVectors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float32Range(-2, 2), rapid.SampledFrom([]float32{-1, 0, 1}))
		row := rapid.SliceOfN(number, 3, 3)
		n := rapid.IntRange(2, 6).Draw(t, "n")
		rows := rapid.SliceOfN(row, n, n)
		vectors, compressed := rows.Draw(t, "vectors"), rows.Draw(t, "compressed")
		if rapid.Bool().Draw(t, "one") {
			compressed = nil
		}
		labels := append([]string{"x", "y"}, rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), n-2, n-2).Draw(t, "labels")...)
		by := rapid.SampledFrom([]answer.VectorDistance{answer.CosineDistance, answer.L2Distance}).Draw(t, "by")
		apart := rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "apart")
		a, b, c := answer.Of(row.Draw(t, "a")...), answer.Of(row.Draw(t, "b")...), answer.Of(row.Draw(t, "c")...)
		for _, g := range []answer.Gallery{{}, {Labels: labels}, {Itself: 0.2}} {
			g.Vectors, g.Compressed, g.By, g.Apart = vectors, compressed, by, apart
			checkVectors(t, model.Must(answer.NearestNeighbour(g)), a, b, c, compressed == nil)
		}
		checkVectors(t, model.Must(answer.Verification(answer.References{Vectors: vectors, Compressed: compressed, Names: labels, At: 0.5, By: by, Apart: apart})), a, b, c, compressed == nil)
	})
}

func checkVectors(t *rapid.T, oracle answer.Oracle, a, b, c answer.Answer, alike bool) {
	shortfall, deviates := oracle.(answer.Graded).Shortfall(a, b), oracle.Judge(a, b).Deviates
	if !(shortfall >= 0) || math.IsInf(shortfall, 0) || (shortfall == 0) != deviates {
		t.Fatalf("%v: shortfall %g of %v and %v; deviates: %t", oracle, shortfall, a, b, deviates)
	}
	if alike && oracle.Judge(a, a).Deviates {
		t.Fatalf("%v: %v deviates from itself", oracle, a)
	}
	if e := answer.MeasuredOf(oracle).Excess(a, b); e > 0 != deviates || math.IsInf(e, 0) || math.IsNaN(e) {
		t.Fatalf("%v: excess %g; deviates: %t", oracle, e, deviates)
	}
	if d := answer.DeviationOf(oracle, a, b); deviates && (d.From.Words == d.To.Words || d.Group == "" || !(d.Size >= 0)) {
		t.Fatalf("%v: %+v", oracle, d)
	}
	if d := answer.DeciderOf(oracle); d != nil {
		o, k := answer.Margins(d, a, b, c)
		if math.IsNaN(o+k) || math.IsInf(o+k, 0) || (o > 0 && k < 0 || o < 0 && k > 0) && !deviates {
			t.Fatalf("%v: margins %g and %g; deviates: %t", oracle, o, k, deviates)
		}
	}
}
