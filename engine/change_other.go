//go:build !amd64

package engine

func changeByVectors(_ []float64, _, _ []float32, _ []float64) int { return 0 }

func applyByVectors(_, _ []float32, _, _ []float64, _ float64) int { return 0 }

func addByVectors(_ []float64, _ float64, _ []float64) int { return 0 }
