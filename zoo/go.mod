module github.com/triggerfinder/triggerfinder/zoo

go 1.26.0
