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

// A recogniser of writing gives letters by step; repeated ones count once, and class 0 is nothing.
func ExampleCTC() {
	written := model.Must(answer.CTC(answer.Text{Alphabet: []string{"-", "a", "b"}}))
	abba := text([]int{6, 3}, 1, 1, 2, 0, 2, 1)
	aba := text([]int{6, 3}, 1, 1, 2, 2, 2, 1)
	fmt.Println(written.Judge(abba, abba).Deviates, written.Judge(abba, aba).Deviates)
	fmt.Println(answer.DeviationOf(written, abba, aba).In(nil))
	// Output:
	// false true
	// "abba" → "aba"
}

// The next token of a language model is that of the last step.
func ExampleNextToken() {
	next := model.Must(answer.NextToken(answer.Text{Alphabet: []string{" the", " a", " cat"}}))
	original, compressed := text([]int{1, 2, 3}, 0, 2), text([]int{1, 2, 3}, 2, 1)
	fmt.Println(answer.DeviationOf(next, original, compressed).In(nil))
	// Output: " cat" → " a"
}

// text are logits of 3 classes: 1 for the class of each step, and -1 for the others.
func text(shape []int, classes ...int) answer.Answer {
	a := answer.Answer{Outputs: []answer.Output{{Name: "logits", Shape: shape}}}
	for _, class := range classes {
		for c := range 3 {
			v := float32(-1)
			if c == class {
				v = 1
			}
			a.Scores = append(a.Scores, v)
		}
	}
	return a
}

// nearly are the same with another class of a step that comes near, or is ahead.
func nearly(a answer.Answer, step, class int, v float32) answer.Answer {
	a = a.Clone()
	a.Scores[3*step+class] = v
	return a
}

func TestSequences(t *testing.T) {
	abc := []string{"_", "a", "b"}
	ctc := model.Must(answer.CTC(answer.Text{Alphabet: abc}))
	edits := model.Must(answer.CTC(answer.Text{Alphabet: abc[1:], Edits: 1}))
	last := model.Must(answer.CTC(answer.Text{Alphabet: []string{"a", "b"}, Blank: -1, Output: "logits"}))
	plain := model.Must(answer.CTC(answer.Text{}))
	tokens, ended := model.Must(answer.Tokens(answer.Text{})), model.Must(answer.Tokens(answer.Text{Ends: []int{0}, Alphabet: []string{"</s>", "yes ", "no "}}))
	next, trimmed := model.Must(answer.NextToken(answer.Text{})), model.Must(answer.CTC(answer.Text{Alphabet: []string{"a", " "}, Trim: []int{2}}))
	first := model.Must(answer.CTC(answer.Text{Alphabet: abc, ClassesFirst: true}))
	shape := func(n int) []int { return []int{n, 3} }
	six := text(shape(6), 1, 1, 2, 0, 2, 1) // abba
	long := make([]int, 60)
	for i := range long {
		long[i] = 1 + i%2
	}
	other := append([]int(nil), long...)
	other[40] = 0
	runOracleCases(t, []oracleCase{
		{"the same text", ctc, six, six, 2, "", ""},
		{"the same text, written otherwise", ctc, six, text(shape(6), 1, 2, 0, 0, 2, 1), 2, "", ""},
		{"of another number of steps", ctc, six, text([]int{1, 7, 3}, 0, 1, 2, 0, 2, 1, 0), 2, "", ""},
		{"nearly another", ctc, six, nearly(six, 5, 2, 0.75), 0.25, "", ""},
		{"what makes no other text is not near", ctc, six, nearly(six, 0, 0, 0.75), 2, "", ""},
		{"a blank that falls out", ctc, six, nearly(six, 3, 2, 1.25), 0, `"abba" → "aba"`, "shorter text"},
		{"another letter", ctc, six, nearly(six, 5, 0, 1.25), 0, `"abba" → "abb"`, "shorter text"},
		{"in place of another", ctc, text(shape(2), 1, 2), text(shape(2), 1, 1), 0, `"ab" → "a"`, "shorter text"},
		{"no text", ctc, text(shape(2), 0, 0), text(shape(2), 0, 1), 0, `"" → "a"`, "longer text"},
		{"no steps", ctc, text([]int{0, 3}), text(shape(1), 0), 2, "", ""},
		{"an edit that is allowed", edits, six, nearly(six, 3, 2, 1.25), 0.25, "", ""},
		{"two edits", edits, six, text(shape(6), 1, 1, 2, 2, 2, 0), 0, `"abba" → "ab"`, "shorter text"},
		{"two edits are two steps away", edits, six, nearly(nearly(six, 5, 2, 0.75), 0, 2, 0.5), 0.75, "", ""},
		{"the last class is the blank", last, text([]int{3, 1, 3}, 0, 2, 0), text([]int{3, 1, 3}, 0, 0, 0), 0, `"aa" → "a"`, "shorter text"},
		{"without an alphabet", plain, six, text(shape(6), 1, 1, 2, 2, 2, 1), 0, "1 2 2 1 → 1 2 1", "shorter text"},
		{"classes first", first, answer.Answer{Scores: answer.Scores{0, 0, 1, 0, 0, 1}, Outputs: []answer.Output{{Name: "logits", Shape: []int{1, 3, 2}}}},
			answer.Answer{Scores: answer.Scores{0, 1, 1, 0, 0, 0}, Outputs: []answer.Output{{Name: "logits", Shape: []int{1, 3, 2}}}}, 0, `"ab" → "a"`, "shorter text"},
		{"spaces at the ends", trimmed, text(shape(4), 2, 1, 0, 2), text(shape(3), 0, 1, 0), 2, "", ""},
		{"what would be one at the ends is not near", trimmed, nearly(text(shape(4), 2, 1, 0, 2), 2, 2, 0.75), nearly(text(shape(3), 0, 1, 0), 0, 2, 0.5), 2, "", ""},
		{"spaces between others", trimmed, text(shape(3), 1, 0, 1), text(shape(3), 1, 2, 1), 0, `"aa" → "a a"`, "longer text"},
		{"a letter before the spaces", trimmed, text(shape(3), 1, 2, 2), nearly(text(shape(3), 1, 2, 2), 2, 1, 0.5), 0.5, "", ""},
		{"tokens", tokens, text(shape(3), 1, 1, 0), text(shape(3), 1, 1, 0), 2, "", ""},
		{"another token", tokens, text(shape(3), 1, 1, 0), text(shape(3), 1, 2, 0), 0, "1 1 0 → 1 2 0", "another text of the same length"},
		{"what follows the end", ended, text(shape(3), 1, 0, 2), text(shape(4), 1, 0, 1, 1), 2, "", ""},
		{"another end", ended, text(shape(3), 1, 0, 2), text(shape(3), 1, 2, 0), 0, `"yes " → "yes no "`, "longer text"},
		{"the next token", next, text([]int{1, 2, 3}, 0, 1), nearly(text([]int{2, 3}, 1, 1), 1, 2, 0.5), 0.5, "", ""},
		{"another one", next, text([]int{1, 2, 3}, 0, 1), nearly(text([]int{2, 3}, 1, 1), 1, 2, 1.5), 0, "token 1 → token 2", "token 1 → token 2"},
		{"of one row", next, answer.Of(0.25, 0.5, 0.25), answer.Of(0.25, 0.25, 0.5), 0, "token 1 → token 2", "token 1 → token 2"},
		{"probabilities are near by their logarithms", next, answer.Of(0.25, 0.5, 0.25), answer.Of(0.25, 0.5, 0.25), math.Log(2), "", ""},
		{"a long text is shown from before its first difference", tokens, text(shape(60), long...), text(shape(60), other...), 0,
			"…1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 → …1 2 1 2 1 2 1 2 0 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2", "another text of the same length"},
	})
	runRefusals(t, []refusal{
		{ctc, answer.Of(1, 2, 3), answer.Of(1, 2, 3), "oracle ctc blank 0: expected an output of shape [steps, classes] with at least 2 classes, besides dimensions of 1, found 3 numbers of the original"},
		{ctc, six, shapedAs("logits", []int{2, 2, 3}, make([]float32, 12)...), "found shape [2 2 3] of the compressed model"},
		{first, six, shapedAs("logits", []int{1}, 1), "expected an output of shape [classes, steps]"},
		{ctc, shapedAs("logits", []int{2, 5}, make([]float32, 10)...), shapedAs("logits", []int{2, 5}, make([]float32, 10)...), "expected as many symbols in the alphabet as classes, 5, found 3"},
		{plain, six, shapedAs("logits", []int{2, 5}, make([]float32, 10)...), "expected the same classes of both models, found 3 of the original and 5 of the compressed model"},
		{last, answer.Of(1, 2), answer.Of(1, 2), `expected the output "logits", found 2 numbers of the original`},
		{model.Must(answer.CTC(answer.Text{Blank: 3})), six, six, "expected the blank among the classes 0 to 2, found 3"},
		{model.Must(answer.Tokens(answer.Text{Ends: []int{7}})), six, six, "expected ends among the classes 0 to 2, found 7"},
		{model.Must(answer.Tokens(answer.Text{Trim: []int{7}})), six, six, "expected what to trim among the classes 0 to 2, found 7"},
		{next, text([]int{0, 3}), text([]int{0, 3}), "found shape [0 3] of the original"},
		{tokens, priced(1, 2, 3), priced(1, 2, 3), "expected the name of an output, as there are several"},
	})
	for _, oracle := range []answer.Oracle{ctc, edits, trimmed, tokens, ended, next} {
		checkAllocations(t, oracle, six, text(shape(6), 2, 1, 0, 0, 2, 2))
	}
	for _, test := range []struct {
		err  error
		says string
	}{
		{second(answer.CTC(answer.Text{Edits: -1})), "answer: CTC: expected 0 or more edits, found -1"},
		{second(answer.CTC(answer.Text{Blank: -2})), "answer: CTC: expected the number of the blank, or -1 for the last class, found -2"},
		{second(answer.CTC(answer.Text{Ends: []int{1}})), "answer: CTC: expected ends of a text for Tokens alone"},
		{second(answer.Tokens(answer.Text{Blank: 1})), "answer: Tokens: expected a blank for CTC alone, found 1"},
		{second(answer.Tokens(answer.Text{Ends: []int{-1}})), "answer: Tokens: expected ends, and what to trim, as numbers of classes, found [-1] and []"},
		{second(answer.NextToken(answer.Text{Trim: []int{1}})), "answer: NextToken: expected nothing to trim of one token, found [1]"},
		{second(answer.NextToken(answer.Text{Edits: 1})), "answer: NextToken: expected no edits of one token, found 1"},
	} {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), test.says) {
			t.Errorf("error %v; expected %q", test.err, test.says)
		}
	}
}

func TestGradesOfSequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(2, 4).Draw(t, "classes")
		draw := func(name string) answer.Answer {
			n := rapid.IntRange(1, 6).Draw(t, name+" steps")
			if rapid.Bool().Draw(t, name+" as long") {
				n = 4
			}
			values := rapid.SliceOfN(rapid.OneOf(rapid.Float32Range(-3, 3), rapid.SampledFrom([]float32{0, 1})), n*classes, n*classes).Draw(t, name)
			return shapedAs("logits", []int{n, classes}, values...)
		}
		a, b, c := draw("a"), draw("b"), draw("c")
		edits := rapid.IntRange(0, 2).Draw(t, "edits")
		for _, oracle := range []answer.Oracle{
			model.Must(answer.CTC(answer.Text{Blank: rapid.IntRange(-1, classes-1).Draw(t, "blank"), Edits: edits})),
			model.Must(answer.Tokens(answer.Text{Edits: edits})), model.Must(answer.Tokens(answer.Text{Ends: []int{0}})), model.Must(answer.CTC(answer.Text{Trim: []int{1}, Edits: edits})), model.Must(answer.NextToken(answer.Text{})),
		} {
			checkGrades(t, oracle, a, b)
			checkMargins(t, oracle, a, b, c)
		}
	})
}

// What is said to change a text does, and nothing else does where nothing is trimmed: greedy decoding from scratch agrees.
func TestNearestOtherText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		classes := rapid.SliceOfN(rapid.IntRange(0, 2), n, n).Draw(t, "classes")
		var trim []int
		if rapid.Bool().Draw(t, "trim") {
			trim = []int{2}
		}
		oracle := model.Must(answer.CTC(answer.Text{Trim: trim})).(answer.Graded)
		a := text([]int{n, 3}, classes...)
		step, class := rapid.IntRange(0, n-1).Draw(t, "step"), rapid.IntRange(0, 2).Draw(t, "class")
		if classes[step] == class {
			t.Skip("no other class")
		}
		near, over := nearly(a, step, class, 0.75), nearly(a, step, class, 1.25)
		is := math.Abs(oracle.Shortfall(a, near)-0.25) < 1e-6
		if want := oracle.Judge(a, over).Deviates; want && !is || is && !want && trim == nil { // what is trimmed may come nearer than it is
			t.Fatalf("%v with %d for step %d: another text: %t; shortfall %g", classes, class, step, want, oracle.Shortfall(a, near))
		}
	})
}
