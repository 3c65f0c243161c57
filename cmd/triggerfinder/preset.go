package main

import (
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
)

// geometryOfPresets is what the presets of both models say of seeds, which are the same for both.
func (m *models) geometryOfPresets() (input.Geometry, error) {
	var geometry input.Geometry
	for _, side := range sides {
		text := m.effective(side, "preset")
		if text == "" {
			continue
		}
		p, err := modeltext.ParsePreset(text)
		switch {
		case err != nil:
			return geometry, m.flags.Misuse("--preset: %w", err)
		case geometry != (input.Geometry{}) && geometry != p.Geometry:
			return geometry, m.flags.Misuse("--preset: expected one geometry for both models, which see the same seeds, found %s and %s", geometry, p.Geometry)
		}
		geometry = p.Geometry
	}
	return geometry, nil
}
