// Lifecycle writes src/schema/data/lifecycle.txt to stdout: which kinds of Kubernetes' own API versions were
// deprecated and removed, when, and what stands in for them.
//
// Its arguments are directories of releases of the module k8s.io/api, oldest first: what a newer one says wins, and
// what a newer one dropped is still known from an older one. The source are the methods APILifecycleDeprecated,
// APILifecycleRemoved and APILifecycleReplacement that each type has in zz_generated.prerelease-lifecycle.go. They are
// read, not run, because one program can hold one release of a module only.
package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const generated = "zz_generated.prerelease-lifecycle.go"

// life is what the methods of a type return.
type life struct {
	deprecated, removed, replacement string
}

func main() {
	kinds := map[string]*life{}
	for _, release := range os.Args[1:] {
		if err := readRelease(release, kinds); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	lines := []string{}
	for kind, life := range kinds {
		if life.deprecated != "-" || life.removed != "-" {
			line := strings.Join([]string{kind, life.deprecated, life.removed, life.replacement}, " ")
			lines = append(lines, strings.TrimSuffix(line, " "))
		}
	}
	slices.Sort(lines)
	fmt.Println("# Kinds that are deprecated: API version, kind, the minor versions of Kubernetes that deprecated and removed it,")
	fmt.Println("# and the API version and kind to use instead. Written by tests/tools/lifecycle from the module k8s.io/api.")
	fmt.Println(strings.Join(lines, "\n"))
}

func readRelease(release string, kinds map[string]*life) error {
	return filepath.WalkDir(release, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != generated {
			return err
		}
		group, err := groupName(filepath.Join(filepath.Dir(path), "register.go"))
		if err != nil {
			return err
		}
		version := filepath.Base(filepath.Dir(path))
		return readTypes(path, strings.TrimPrefix(group+"/"+version, "/"), kinds)
	})
}

// groupName is the value of the constant GroupName.
func groupName(path string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return "", err
	}
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.CONST {
			continue
		}
		for _, spec := range general.Specs {
			values := spec.(*ast.ValueSpec)
			if values.Names[0].Name == "GroupName" {
				return strconv.Unquote(values.Values[0].(*ast.BasicLit).Value)
			}
		}
	}
	return "", errors.New(path + " names no group")
}

func readTypes(path, apiVersion string, kinds map[string]*life) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, declaration := range file.Decls {
		method, ok := declaration.(*ast.FuncDecl)
		if !ok || method.Recv == nil {
			continue
		}
		kind := method.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
		// Lists are written by nobody.
		if strings.HasSuffix(kind, "List") {
			continue
		}
		key := apiVersion + " " + kind
		if !seen[key] {
			// A newer release replaces all that an older one says.
			seen[key] = true
			kinds[key] = &life{"-", "-", ""}
		}
		results := method.Body.List[0].(*ast.ReturnStmt).Results
		switch method.Name.Name {
		case "APILifecycleDeprecated":
			kinds[key].deprecated = results[1].(*ast.BasicLit).Value
		case "APILifecycleRemoved":
			kinds[key].removed = results[1].(*ast.BasicLit).Value
		case "APILifecycleReplacement":
			kinds[key].replacement = groupVersionKind(results[0].(*ast.CompositeLit))
		}
	}
	return nil
}

// groupVersionKind is such a value as a program of flinkc writes it: apps/v1 Deployment.
func groupVersionKind(value *ast.CompositeLit) string {
	fields := map[string]string{}
	for _, element := range value.Elts {
		pair := element.(*ast.KeyValueExpr)
		text, err := strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
		if err == nil {
			fields[pair.Key.(*ast.Ident).Name] = text
		}
	}
	// IngressClass is said to be replaced by the list of its kind, which is a slip.
	kind := strings.TrimSuffix(fields["Kind"], "List")
	return strings.TrimPrefix(fields["Group"]+"/"+fields["Version"], "/") + " " + kind
}
