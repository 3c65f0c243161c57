package report_test

import (
	"bytes"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

func FuzzLoadShard(f *testing.F) {
	r := &engine.Report{
		Pair: "p", Strategy: "s", Oracle: "top-1", Status: engine.AllSearched, Shard: engine.Shard{Index: 0, Total: 1},
		Seeds: []engine.Outcome{{Status: engine.Triggered, Trigger: &engine.Trigger{ID: "a"}}, {Index: 1, Status: engine.Skipped}},
	}
	var data bytes.Buffer
	if err := report.ResultOf(r, nil).Write(&data); err != nil {
		f.Fatal(err)
	}
	if _, _, err := report.DecodeShard(data.Bytes()); err != nil {
		f.Fatal(err)
	}
	f.Add(data.Bytes())
	f.Add([]byte(`{"format": "triggerfinder-search", "version": 1, "shard": {"number": 1, "total": 1, "report": null}}`))
	f.Add([]byte(`{"format": "triggerfinder-search", "version": 1, "shard": {"number": 1, "total": 1, "report": {"version": 1, "report": {"shard": {"index": 0, "total": 1}, "seeds": [{}]}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, r, err := report.DecodeShard(data)
		if err != nil {
			return
		}
		if merged, err := engine.Merge(r); err == nil {
			_ = report.Summary(merged)
			_ = report.ResultOf(merged, nil)
		}
	})
}
