use crate::Shape;

#[test]
fn a_phase_begins_where_the_one_before_it_ends() {
    let shape = Shape::new().warm_up(1.0, 10).ramp(1.0, 2.0, 5).hold(2.0, 20);
    let phases = shape.phases().expect("the shape can be followed");
    let check = |at_us, name| assert_eq!(phases.all()[phases.at(at_us)].name, name, "{at_us}");
    check(0, "warm-up");
    check(9, "warm-up");
    check(10, "ramp");
    check(14, "ramp");
    check(15, "hold");
    check(34, "hold");
    check(1_000, "hold");
    assert_eq!(phases.until_us(), 35);
}
