package engine

// SSIM placeholder
func SSIM(a, b Input) (float64, bool) { return 0, false }
