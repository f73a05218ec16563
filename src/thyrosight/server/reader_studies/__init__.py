"""Reader studies: designed, checked, opened, read and handed on; who reads what and what answers mean is decided in
`thyrosight.readings`, what results say in `thyrosight.studies`."""
