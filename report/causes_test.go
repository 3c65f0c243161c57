package report

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestCausesInWords(t *testing.T) {
	labels := func(from, to int) answer.Deviation {
		return answer.Deviation{From: answer.Said{Label: from}, To: answer.Said{Label: to}}
	}
	step := func(cause model.Cause, d answer.Deviation) engine.StepVerdict {
		return engine.StepVerdict{Cause: cause, Deviates: d != (answer.Deviation{}), Deviation: d}
	}
	none := answer.Deviation{}
	unusable := engine.StepVerdict{Cause: engine.Compression, Kind: answer.Unusable}
	tied := engine.StepVerdict{Cause: engine.Compression, Tied: true}
	names := []string{"Shirt", "Coat", "Bag"}
	for want, steps := range map[string]engine.StepVerdicts{
		"": nil,
		"caused by compression, not by conversion":                                                                           {step(engine.Conversion, none), step(engine.Compression, labels(0, 1))},
		"caused by compression, not by conversion or runtime setting":                                                        {step(engine.Conversion, none), step(engine.Compression, labels(0, 1)), step(engine.RuntimeSetting, none)},
		"caused by conversion (Shirt → Coat) and compression (Coat → Bag)":                                                   {step(engine.Conversion, labels(0, 1)), step(engine.Compression, labels(1, 2))},
		"caused by no step alone: neither conversion nor compression deviates by itself":                                     {step(engine.Conversion, none), step(engine.Compression, none)},
		"caused by no step alone: in between, a tie for the top score agrees with both":                                      {step(engine.Conversion, none), tied},
		"caused by conversion (Shirt → Coat); of compression nothing can be told, as the model before gives NaN or infinity": {step(engine.Conversion, labels(0, 1)), unusable},
	} {
		if found := CausesInWords(&engine.Trigger{Steps: steps}, names); found != want {
			t.Errorf("found %q, expected %q", found, want)
		}
	}
	by := func(steps ...engine.StepVerdict) *engine.Trigger { return &engine.Trigger{Steps: steps} }
	conversion, compression := by(step(engine.Conversion, labels(0, 1)), step(engine.Compression, none)), by(step(engine.Conversion, none), step(engine.Compression, labels(0, 1)))
	triggers := []*engine.Trigger{conversion, compression, compression, by(step(engine.Conversion, none), step(engine.Compression, none))}
	if found, want := CausesLine(triggers), "2 of 4 triggers are caused by compression, 1 by conversion, 1 by no step alone"; found != want {
		t.Errorf("found %q, expected %q", found, want)
	}
	if found := CausesLine([]*engine.Trigger{{}}); found != "" {
		t.Errorf("of no chain: found %q", found)
	}
	r := &engine.Report{CausedBy: []model.Cause{engine.Compression, engine.NoStepAlone}, Ledger: engine.Ledger{OtherCauses: 3}, Seeds: []engine.Outcome{{OtherCauses: 2, Apart: conversion}, {}, {OtherCauses: 1}}}
	if found, want := OtherCausesLine(r), "3 hits from 2 seeds are not caused by compression or no step alone and do not count; of the first ones, 1 by conversion"; found != want {
		t.Errorf("found %q, expected %q", found, want)
	}
}
