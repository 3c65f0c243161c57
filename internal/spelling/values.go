package spelling

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Count reads a whole number.
func Count(text string, least int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > math.MaxInt32 {
		return 0, Expected(fmt.Sprintf("a whole number of at least %d", least), text)
	}
	return n, nil
}

// OneOf reads one of some words, whatever their case.
func OneOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		for _, word := range words {
			if strings.EqualFold(word, text) {
				return word, nil
			}
		}
		return "", Expected(strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1], text)
	}
}

// Number takes fractions too, such as 1/255.
func Number(text string) (float64, error) {
	over, under, isFraction := strings.Cut(text, "/")
	v, err := strconv.ParseFloat(strings.TrimSpace(over), 64)
	if err == nil && isFraction {
		var by float64
		by, err = strconv.ParseFloat(strings.TrimSpace(under), 64)
		v /= by
	}
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, Expected("a number such as 0.5 or 1/255", text)
	}
	return v, nil
}

// Numbers takes several by comma.
func Numbers(text string) ([]float64, error) {
	var numbers []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := Number(part)
		if err != nil {
			return nil, Expected("numbers by comma, such as 1/255 or 0.485,0.456,0.406", text)
		}
		numbers = append(numbers, v)
	}
	return numbers, nil
}

// Expected is an error about a value.
func Expected(what, found string) error { return fmt.Errorf("expected %s, found %q", what, found) }
