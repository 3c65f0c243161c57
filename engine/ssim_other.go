//go:build !amd64

package engine

func momentsByVectors(_, _, _ []float64, _, _ []float32) int { return 0 }

func lossesByVectors(_, _, _, _, _ []float64, _ *ssimScale) int { return 0 }

func blurDownByVectors([]float64, [][]float64, []float64) bool { return false }

func blurAlongByVectors(_, _ []float64, _ int, _ []float64) bool { return false }
