module flinkc.dev/tests/tools

go 1.24.0
