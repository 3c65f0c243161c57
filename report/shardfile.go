package report

import (
	"encoding/json"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
)

// largestResult is enough for a shard of a million seeds.
const largestResult = 2 << 30

// ShardResult stands in the result of a shard, so that all of them can be merged.
type ShardResult struct {
	Number int `json:"number"` // from 1
	Total  int `json:"total"`
	// Report is the report of the shard, as [SaveReport] writes it.
	Report json.RawMessage `json:"report"`
}

// shardOf is nil for a report of a whole search.
func shardOf(r *engine.Report) *ShardResult {
	if r.Shard == (engine.Shard{}) {
		return nil
	}
	data, err := json.Marshal(newReportDocument(r, Options{}))
	if err != nil {
		data = nil // there is nothing in it that JSON cannot hold
	}
	return &ShardResult{Number: r.Shard.Index + 1, Total: r.Shard.Total, Report: data}
}

// LoadShard reads the result of a shard that [SearchResult.Save] wrote, with its report, whose triggers are
// without their inputs.
func LoadShard(path string) (SearchResult, *engine.Report, error) {
	data, err := ReadBounded(path, largestResult)
	if err != nil {
		return SearchResult{}, nil, fmt.Errorf("report: shard: %w", err)
	}
	s, r, err := decodeShard(data)
	if err != nil {
		return SearchResult{}, nil, fmt.Errorf("report: shard: %s: %w", path, err)
	}
	return s, r, nil
}

func decodeShard(data []byte) (SearchResult, *engine.Report, error) {
	s, err := decodeResult(data)
	if err != nil {
		return s, nil, err
	}
	if s.Shard == nil {
		return s, nil, fmt.Errorf("expected the result of a shard, found that of a whole search: search with --shard")
	}
	var d reportDocument
	if err := decodeLoosely(s.Shard.Report, "", artifactVersion, &d); err != nil {
		return s, nil, fmt.Errorf("shard.report: %w", err)
	}
	if d.Report.Report == nil {
		return s, nil, fmt.Errorf("shard.report: expected a report, found none")
	}
	r := d.Report.report()
	if want := (engine.Shard{Index: s.Shard.Number - 1, Total: s.Shard.Total}); r.Shard != want {
		return s, nil, fmt.Errorf("shard: expected the report of shard %d of %d, found %d of %d", s.Shard.Number, s.Shard.Total, r.Shard.Index+1, r.Shard.Total)
	}
	return s, r, nil
}
