package wild

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
)

// somewhere is whether any of the numbers of an answer, as a score, says that what is looked for is there.
func somewhere(what string, from float64, score func(float32) float64) (answer.Oracle, error) {
	highest := func(a answer.Answer) float64 {
		most := 0.0
		for _, v := range a.Scores {
			most = max(most, score(v))
		}
		return most
	}
	oracle, err := answer.GradedFunc(fmt.Sprintf("%s somewhere from %g on, against none", what, from), func(original, compressed answer.Answer) float64 {
		a, b := highest(original)-from, highest(compressed)-from
		if (a >= 0) != (b >= 0) {
			return -min(max(a, -a), max(b, -b))
		}
		return max(min(max(a, -a), max(b, -b)), 1e-9)
	})
	if err != nil {
		return nil, err
	}
	say := func(a answer.Answer) answer.Said {
		p := highest(a)
		word := "no " + what
		if p >= from {
			word = what
		}
		return answer.Said{Label: answer.NoLabel, Words: fmt.Sprintf("%s (at most %.2f)", word, p)}
	}
	return answer.Telling(oracle, func(original, compressed answer.Answer) answer.Deviation {
		d := answer.Deviation{From: say(original), To: say(compressed), Size: highest(original) - highest(compressed), Unit: "score", Group: what + " missed"}
		if d.Size < 0 {
			d.Size, d.Group = -d.Size, what+" invented"
		}
		return d
	})
}
