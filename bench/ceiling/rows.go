package main

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/distance"
)

// row is one question: from how many of the first seeds of a pair can a trigger be reached within a bound?
type row struct {
	Pair       string  `json:"pair"` // with where it is from: fixtures, zoo
	Seeds      int     `json:"seeds"`
	Most       float64 `json:"linf"`                     // of 255
	Confidence float64 `json:"min_confidence,omitempty"` // of the original; 0 for any

	subject subjects.Subject
}

func (r row) name() string {
	name := fmt.Sprintf("%s, LInf %g", r.Pair, r.Most)
	if r.Confidence > 0 {
		name += fmt.Sprintf(", original at least %g sure", r.Confidence)
	}
	return name
}

func (r row) bound() distance.Bound { return distance.LInf(float32(r.Most)) }

func (r row) oracle() answer.Oracle {
	if r.Confidence == 0 {
		return answer.Top1()
	}
	o, err := answer.MinConfidence(r.Confidence, nil)
	if err != nil {
		panic(err) // of a figure of ours
	}
	return o
}

// rows are all questions. Those about pairs of the zoo need a folder of seeds.
func rows(data string) []row {
	var all []row
	add := func(from, name string, open subjects.Subject, seeds int, confidence float64, most ...float64) {
		for _, m := range most {
			all = append(all, row{Pair: from + " " + name, Seeds: seeds, Most: m, Confidence: confidence, subject: open})
		}
	}
	fixtures := map[string]subjects.Subject{}
	for _, s := range subjects.Fixtures() {
		fixtures[s.Name] = s
	}
	zoo := map[string]subjects.Subject{}
	for _, s := range subjects.OfStudy(data) {
		zoo[s.Name] = s.Subject
	}
	add("fixtures", "lenet5-int8", fixtures["lenet5-int8"], 200, 0, 4, 8, 16)
	add("fixtures", "rescnn-int8", fixtures["rescnn-int8"], 200, 0, 4, 8)
	if data != "" {
		add("zoo", "lenet5-int8", zoo["lenet5-int8"], 200, 0, 8, 16)
		add("zoo", "resnet20-int8", zoo["resnet20-int8"], 60, 0, 4, 8)
	}
	add("fixtures", "lenet5-int8", fixtures["lenet5-int8"], 100, 0.5, 8)
	add("fixtures", "rescnn-int8", fixtures["rescnn-int8"], 40, 0.5, 8)
	add("fixtures", "lenet5-int8", fixtures["lenet5-int8"], 100, 0.9, 8)
	add("fixtures", "rescnn-int8", fixtures["rescnn-int8"], 40, 0.9, 8)
	return all
}
