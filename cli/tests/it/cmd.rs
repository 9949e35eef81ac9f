//! What each subcommand prints, one file a subcommand.

#[test]
fn every_subcommand_says_what_its_file_says() {
    trycmd::TestCases::new().env("NO_COLOR", "1").env("COLUMNS", "100").case("tests/cmd/*.trycmd");
}
