/*
 * Money is compared as it is written. It would fail by rounding, by taking
 * 1.0 and 1 for different, or by hanging over an exponent of a thousand
 * digits.
 */

#include "crm_test.h"

#include "record/crm_decimal.h"


static int
cmp(const char *a, const char *b)
{
    int             rc;
    crm_decimal_t   x, y;

    assert_row(crm_decimal_parse(&x, crm_strz(a)) == CRM_OK, a);
    assert_row(crm_decimal_parse(&y, crm_strz(b)) == CRM_OK, b);

    rc = crm_decimal_cmp(&x, &y);
    assert_row(crm_decimal_cmp(&y, &x) == -rc, a);

    return rc;
}


static void
one_number_in_many_spellings_is_one(void **state)
{
    size_t  i;

    static const char *const  rows[][2] = {
        { "1", "1.0" }, { "1", "10e-1" }, { "1", "0.1E1" }, { "1", "+1" },
        { "1", "0001" }, { "1", " 1\t" }, { "0.5", ".5" }, { "-.5", "-0.50" },
        { "0", "-0" }, { "0", "0.000" }, { "0", "0e99999999999999999999" },
        { "0", "-0e-5" }, { "100", "1e2" }, { "100", "1e+0002" },
        { "1e400", "10e399" }, { "1e-400", "0.1e-399" },
        { "123.456", "0.00123456e5" }, { "1200", "12e2" },
        { "19.99", "19.990" }, { "0.001", "1e-3" }, { "10.01", "1001e-2" },
        { "4876876000000068001", "4876876000000068001.0" },
        { "1e999999999999999999999", "1e888888888888888888888" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(cmp(rows[i][0], rows[i][1]) == 0, rows[i][0]);
    }
}


static void
numbers_are_in_their_order(void **state)
{
    size_t  i, j, n;

    static const char *const  rows[] = {
        "-1e99999999999999999999", "-1e400", "-10", "-9.99", "-1.01", "-1",
        "-0.1", "-1e-400", "-1e-99999999999999999999", "0",
        "1e-99999999999999999999", "1e-400", "0.0999999999999999999999999",
        "0.1", "0.10000000000000000000000001", "1", "1.01", "9.99", "10",
        "10.01", "10.1", "99", "100", "4876876000000068001",
        "4876876000000068002", "4876876000000068002.00000000000000000001",
        "1e399", "1.1e399", "1e400", "1e99999999999999999999"
    };

    (void) state;

    n = sizeof(rows) / sizeof(rows[0]);

    for (i = 0; i < n; i++) {
        for (j = i + 1; j < n; j++) {
            assert_row(cmp(rows[i], rows[j]) < 0, rows[i]);
        }
    }
}


static void
what_is_no_number_is_declined(void **state)
{
    size_t         i;
    crm_decimal_t  d;

    static const char *const  rows[] = {
        "", " ", "-", "+", ".", "-.", "5.", "5.e1", "e5", ".e5", "1e", "1e+",
        "1e-", "1e1.5", "1.2.3", "..1", "1 2", "1,5", "1_0", "0x10", "--1",
        "+-1", "- 1", "NaN", "inf", "1a", "a1", "1e5x", "\xc2\xa0" "1",
        "\xef\xbc\x91"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_decimal_parse(&d, crm_strz(rows[i])) == CRM_DECLINED,
                   rows[i]);
    }

    assert_int_equal(crm_decimal_parse(&d, CRM_STR_NULL), CRM_DECLINED);
    assert_int_equal(crm_decimal_parse(&d, CRM_STR("1\0")), CRM_DECLINED);
}


static void
a_million_digits_are_read_in_one_go(void **state)
{
    char           *text;
    crm_decimal_t   a, b;

    (void) state;

    text = malloc(1000000);
    assert_non_null(text);
    memset(text, '7', 1000000);
    text[500000] = '.';

    assert_int_equal(crm_decimal_parse(&a, crm_str(text, 1000000)), CRM_OK);
    assert_int_equal(a.digits, 999999);
    assert_int_equal(a.exponent, 500000);

    assert_int_equal(crm_decimal_parse(&b, crm_str(text, 999999)), CRM_OK);
    assert_true(crm_decimal_cmp(&a, &b) > 0);

    free(text);
}


/* value / 10^scale in one of many spellings */
static void
spell(char *out, size_t size, long value, int scale, uint64_t *seed)
{
    int    n, shift;
    char   digits[40];
    long   magnitude;

    magnitude = value < 0 ? -value : value;
    (void) snprintf(digits, sizeof(digits), "%s%ld",
                    crm_test_below(seed, 2) ? "" : "000", magnitude);

    n = (int) strlen(digits);
    shift = (int) crm_test_below(seed, (uint32_t) n);

    (void) snprintf(out, size, "%s%.*s%s%s%s%se%d",
                    value < 0 ? "-" : crm_test_below(seed, 2) ? "" : "+",
                    n - shift, digits, shift ? "." : "",
                    digits + n - shift,
                    shift && crm_test_below(seed, 2) ? "00" : "",
                    "", shift - scale);
}


static void
random_spellings_compare_like_whole_numbers(void **state)
{
    int        i, scale, expected, got;
    long       a, b;
    char       x[100], y[100];
    uint64_t   seed;

    (void) state;

    seed = 7;

    for (i = 0; i < 100000; i++) {
        a = (long) crm_test_below(&seed, 2001) - 1000;
        b = crm_test_below(&seed, 3) ? (long) crm_test_below(&seed, 2001)
                                       - 1000
                                     : a;
        scale = (int) crm_test_below(&seed, 9) - 4;

        spell(x, sizeof(x), a, scale, &seed);
        spell(y, sizeof(y), b, scale, &seed);

        expected = (a > b) - (a < b);
        got = cmp(x, y);

        if (got != expected) {
            fail_msg("%s and %s: %d", x, y, got);
        }
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(one_number_in_many_spellings_is_one),
    cmocka_unit_test(numbers_are_in_their_order),
    cmocka_unit_test(what_is_no_number_is_declined),
    cmocka_unit_test(a_million_digits_are_read_in_one_go),
    cmocka_unit_test(random_spellings_compare_like_whole_numbers)
};


CRM_TEST_MAIN(tests)
