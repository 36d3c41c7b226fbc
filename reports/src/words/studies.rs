//! Studies: charts and tables of many runs.

/// Words without a variable part.
pub(super) const WORDS: &[(&str, &str)] = &[
    ("Cost against p99", "费用与 p99"),
    ("What changes", "有哪些变化"),
    ("B against A", "B 相对于 A"),
    ("figure", "指标"),
    ("in %", "百分比"),
    ("± in %", "± 百分比"),
    ("sd", "标准差"),
    ("median between", "中位数区间"),
    ("B is", "结论"),
    ("same", "相同"),
    ("higher", "更高"),
    ("lower", "更低"),
    ("not distinguishable", "无法区分"),
    ("point", "点"),
    ("cheaper than all that are as fast", "比同样快的点都便宜"),
    ("cost against constraint", "费用与约束"),
    ("nothing is cheaper and further from its bounds", "没有更便宜且离约束更远的点"),
    ("certainty", "把握"),
    ("runs", "运行次数"),
];

/// Sentences with figures, the outermost construction first.
pub(super) const PATTERNS: &[(&str, &str)] = &[
    ("What moves {}", "影响 {0} 的因素"),
    ("Elasticity of {}", "{0} 的弹性"),
    ("{}; the line is the frontier: nothing is cheaper and as fast", "{0}；折线为前沿：没有更便宜且同样快的点"),
    ("{}; means over all points with a value", "{0}；对取该值的所有点取平均"),
    ("{}; means over the other axes", "{0}；对其他维度取平均"),
    ("{}; 1 means that 1 % more of the input is 1 % more of the figure", "{0}；1 表示输入增加 1 % 时该指标增加 1 %"),
    ("{}, {} points, {} replications each on common random numbers", "{0}，{1} 个点，每个点用公共随机数重复 {2} 次"),
    ("B {} against A {}, {} replications on common random numbers", "B 为 {0}，A 为 {1}，用公共随机数重复 {2} 次"),
    ("{}: {} runs, {} of {} points; the marked point is the answer", "{0}：运行 {1} 次，{3} 个点中的 {2} 个；标出的点为结果"),
    ("{} replications on common random numbers, intervals of {}", "用公共随机数重复 {0} 次，区间置信度 {1}"),
    ("intervals hold the true value with {}", "区间以 {0} 的置信度包含真值"),
    ("{}: {} points, {} replications", "{0}：{1} 个点，各重复 {2} 次"),
    ("the first {} of {}; all are in results.csv", "{1} 个中的前 {0} 个；全部见 results.csv"),
    ("{} replications", "重复 {0} 次"),
    ("{} against {}", "{0} 与 {1}"),
];
