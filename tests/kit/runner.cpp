// The main function of the test executables, where Catch2 is installed as a header only.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
