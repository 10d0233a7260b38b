package demo

import (
	"embed"
	"fmt"
	"strings"
)

// embedded is what the demo's repository begins with. PORT1 and so on stand for
// local ports, which only the machine that it runs on can choose.
//
//go:embed files
var embedded embed.FS

// placeholders is how many ports the files ask for.
const placeholders = 6

// repositoryFiles are the files by name, with free local ports filled in.
func repositoryFiles() (map[string]string, error) {
	ports, err := freePorts(placeholders)
	if err != nil {
		return nil, err
	}
	var pairs []string
	for i, port := range ports {
		pairs = append(pairs, fmt.Sprintf("PORT%d", i+1), fmt.Sprint(port))
	}
	fill := strings.NewReplacer(pairs...)
	entries, err := embedded.ReadDir("files")
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, entry := range entries {
		text, err := embedded.ReadFile("files/" + entry.Name())
		if err != nil {
			return nil, err
		}
		files[entry.Name()] = fill.Replace(string(text))
	}
	return files, nil
}
